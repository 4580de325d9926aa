import HeapModule
import Presence

/// What an alarm is for.
///
/// It is a hint to look, and the state says whether anything is due.
enum Occasion: Hashable, Sendable {
    /// A device's grace, ttl or forgetting.
    case device(UserID, Name)
    /// Statements that were held back by the rate limit.
    case heldStatements(Name)
    /// Topics with impossible names that wait for being cleared.
    case strays
    /// A watcher's next message of events.
    case outbox(UserID)
    /// The end of a watcher's earliest subscription.
    case subscription(UserID)
    /// The end of a description, or of all that is known of a user.
    case user(UserID)
    /// The next slice of the audit.
    case audit
    /// Half of the grace after a restart of the broker.
    case suspectsAsked
    /// The end of the grace after a restart of the broker.
    case suspectsEnd
    /// The end of the time in which the broker should have told its uptime.
    case certainty
    /// Time to try the store again.
    case store
}

/// Alarms on one clock, the earliest first.
struct Alarms: Sendable {
    private struct Entry: Comparable {
        var at: Int64
        /// Alarms of one moment go off in the order in which they were set.
        var order: UInt64
        var occasion: Occasion

        static func < (left: Entry, right: Entry) -> Bool {
            (left.at, left.order) < (right.at, right.order)
        }

        static func == (left: Entry, right: Entry) -> Bool {
            left.at == right.at && left.order == right.order
        }
    }

    private var heap = Heap<Entry>()
    private var order: UInt64 = 0
    private var crowd = 4_096

    /// How many are set.
    var count: Int { heap.count }

    /// When the earliest goes off.
    var next: Int64? { heap.min?.at }

    /// Sets an alarm.
    mutating func set(_ occasion: Occasion, at time: Int64) {
        order += 1
        heap.insert(Entry(at: time, order: order, occasion: occasion))
    }

    /// Sets an alarm unless one that is as early is set already; `wake` is when the state's own
    /// next alarm goes off.
    ///
    /// A state has one live alarm: without that, a device that repeats itself would leave one
    /// behind with every word.
    mutating func set(_ occasion: Occasion, at time: Int64?, unlessBefore wake: inout Int64?) {
        guard let time else { return }
        if let wake, wake <= time { return }
        wake = time
        set(occasion, at: time)
    }

    /// Takes the earliest alarm that is due at a time.
    mutating func takeDue(at time: Int64) -> (at: Int64, occasion: Occasion)? {
        guard let entry = heap.min, entry.at <= time else { return nil }
        heap.removeMin()
        return (entry.at, entry.occasion)
    }

    /// Drops alarms that nobody waits for, when there are so many that some must be such.
    ///
    /// An alarm that was overtaken by an earlier one stays until its time, which may be days off.
    mutating func sweep(keeping isLive: (_ at: Int64, Occasion) -> Bool) {
        guard heap.count > crowd else { return }
        heap = Heap(heap.unordered.filter { isLive($0.at, $0.occasion) })
        crowd = max(4_096, 2 * heap.count)
    }
}
