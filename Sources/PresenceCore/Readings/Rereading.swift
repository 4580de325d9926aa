import Presence

/// Whether everything is read once more, right after it was read.
///
/// A broker writes all that is retained at one go, and drops what its queue for the bridge does not
/// hold. Each reading gets further, since what is known already costs less. A reading was cut if a
/// marker of it was lost, or if it lacked a topic that was there when asked for alone. One in the midst
/// of a connection, which is done because something may have been missed, may also have been cut if
/// it brought news.
///
/// A broker that is proved to send only so many retained messages gives each reading as many: there the
/// loss of a marker alone says that more was dropped.
struct Rereading: Hashable, Sendable {
    /// How many readings there are at most, one after the other.
    static let most = 12
    /// A reading that takes no longer costs the broker little, in milliseconds.
    static let short: Int64 = 2_000

    /// The reading, or the confirmation of what it lacked.
    private(set) var current: ReadingID = 0
    private var began: Int64 = 0
    private var isAtConnection = false
    private var isCut = false
    private var lacks = false
    private var news = 0
    /// Whether the broker sends only so many retained messages, as far as is proved.
    private var isLimited = false
    /// How many there were, one after the other.
    private(set) var round = 0

    mutating func begin(_ id: ReadingID, isAtConnection: Bool, at now: Instant) {
        current = id
        began = now.uptime
        self.isAtConnection = isAtConnection
        (isCut, lacks, news) = (false, false, 0)
        if isAtConnection { round = 0 }
    }

    /// What it lacked is asked for alone.
    mutating func goOn(from id: ReadingID, to confirmation: ReadingID) {
        if current == id { current = confirmation }
    }

    mutating func cut(_ id: ReadingID) {
        if current == id { isCut = true }
    }

    /// It lacked something that was found when it was asked for alone.
    mutating func lack(_ id: ReadingID) {
        if current == id { lacks = true }
    }

    /// The broker is proved to send only so many retained messages.
    mutating func limit() { isLimited = true }

    /// It brought something that was not known.
    mutating func findNews() { news += 1 }

    /// It is over: after how many milliseconds everything is to be read once more; `nil` for not.
    mutating func pause(after id: ReadingID, at now: Instant) -> Int64? {
        guard current == id else { return nil }
        current = 0
        let took = now.uptime - began
        let isShort = took < Self.short
        let mayLack = lacks || (news > 0 && !isAtConnection && isShort)
        guard isCut || (mayLack && !isLimited), round < Self.most else {
            round = 0
            return nil
        }
        round += 1
        // A long one is hard on the broker: no more than a tenth of the time goes into them.
        return isShort ? 0 : 10 * took
    }
}
