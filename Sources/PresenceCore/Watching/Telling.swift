import DequeModule
import Presence

/// Changes on their way to the watchers: walks over the watchers, and what each is to be told.
struct Telling: Sendable {
    /// The most watchers that one turn visits.
    static let visitsPerTurn = 20_000
    /// About how many bytes of events one turn writes: while the broker passes those on, the next
    /// are written.
    static let bytesPerTurn = 8 << 20

    /// The walk that goes on, which for a star lasts longer than a turn.
    private var current: FanOut?
    /// Whose walks have not begun, the next first; one that was forgotten may still stand here.
    private var waiting = Deque<UserID>()
    private var isWaiting: Set<UserID> = []
    private var outboxes: [UserID: Outbox] = [:]
    private var due = Deque<UserID>()
    /// Users met while an outbox is sorted out; empty in between.
    private var scratch = BitSet()
    /// Watchers whose interval is over, with nothing to tell: perhaps nothing else keeps their names.
    private var released: [UserID] = []
    /// Whether the broker does not keep up: then everything is collected.
    var isCongested = false

    /// Whether the next turn has something to do.
    var isBusy: Bool {
        current != nil || !waiting.isEmpty || (!due.isEmpty && !isCongested)
    }

    /// A user has changed.
    mutating func tell(_ user: UserID) {
        if current?.user == user {
            current?.changeAgain()
        } else if isWaiting.insert(user).inserted {
            waiting.append(user)
        }
    }

    /// Walks on, and puts the changed users into the outboxes of their watchers.
    ///
    /// No subscription that has run out is met: those that end now have ended before.
    mutating func walk(_ watching: Watching) {
        var left = Self.visitsPerTurn
        while left > 0, var walk = current ?? next() {
            let user = walk.user
            let (visited, isDone) = walk.walk(watching, limit: left) { watcher in
                put(.status(user), to: watcher)
            }
            left -= max(1, visited)
            current = isDone ? nil : walk
        }
    }

    /// Takes the walk that begins next.
    private mutating func next() -> FanOut? {
        while let user = waiting.popFirst() {
            if isWaiting.remove(user) != nil { return FanOut(of: user) }
        }
        return nil
    }

    /// A watcher watches everyone from now on: the walk that goes on has left that place behind,
    /// and will not tell it again where it watches by name.
    mutating func join(_ watcher: UserID, _ watching: Watching) {
        guard let current, current.leavesOut(watcher),
            watching.expiry(of: watcher, watching: current.user) != nil
        else { return }
        put(.status(current.user), to: watcher)
    }

    /// Tells a watcher something.
    mutating func put(_ item: Outbox.Item, to watcher: UserID) {
        let before = outboxes.count
        outboxes[watcher, default: Outbox(opens: 0)].append(item, &scratch)
        if outboxes.count > before { due.append(watcher) }
    }

    /// Drops what a watcher was to be told of users that it does not watch any more; with `nil`
    /// every status.
    mutating func drop(_ users: [UserID: Name]?, from watcher: UserID) {
        if let users { outboxes[watcher]?.drop(users) } else { outboxes[watcher]?.dropAll() }
    }

    /// Drops what a watcher was to be told of a subscription's end, since there is a new one.
    mutating func dropEnd(
        of user: Name?,
        from watcher: UserID,
        number: (Name) -> UserID?
    ) {
        outboxes[watcher]?.dropEnd(of: user, number: number)
    }

    /// Takes a watcher's outbox, to change it and put it back.
    mutating func takeOutbox(of watcher: UserID) -> Outbox? {
        outboxes.removeValue(forKey: watcher)
    }

    /// Puts back the outbox that was taken from a watcher.
    mutating func putBack(_ outbox: Outbox, of watcher: UserID) { outboxes[watcher] = outbox }

    /// Whether a watcher is still to be told something, or its interval is not over.
    func holds(for watcher: UserID) -> Bool { outboxes[watcher] != nil }

    /// Takes the watchers that it has ceased to hold anything for.
    mutating func takeReleased() -> [UserID] {
        defer { released.removeAll(keepingCapacity: true) }
        return released
    }

    /// A watcher's interval is over.
    mutating func open(_ watcher: UserID, at now: Instant) {
        guard let outbox = outboxes[watcher], outbox.opens <= now.uptime else { return }
        if outbox.isEmpty {
            release(watcher)
        } else {
            due.append(watcher)
        }
    }

    /// All that was collected for a watcher has been forgotten: it was told nothing.
    mutating func reopen(_ watcher: UserID) {
        if outboxes[watcher]?.isEmpty == true { release(watcher) }
    }

    private mutating func release(_ watcher: UserID) {
        outboxes[watcher] = nil
        released.append(watcher)
    }

    /// Forgets a user.
    mutating func remove(_ id: UserID) {
        outboxes[id] = nil
        isWaiting.remove(id)
        if current?.user == id { current = nil }
    }

    /// Takes what the next watcher is to be told now; it is told again after the interval.
    mutating func nextDue(
        interval: Int64,
        at now: Instant
    ) -> (watcher: UserID, items: [Outbox.Item])? {
        guard !isCongested else { return nil }
        while let watcher = due.popFirst() {
            if let items = outboxes[watcher]?.take(&scratch), !items.isEmpty {
                outboxes[watcher]?.opens = now.uptime + interval
                return (watcher, items)
            }
            // It may stand here twice: one that was just told keeps its interval.
            if outboxes[watcher].map({ $0.opens <= now.uptime }) ?? false { release(watcher) }
        }
        return nil
    }
}

extension PresenceCore {
    /// Writes the batches of events that are due.
    mutating func notify(at now: Instant, into effects: inout [Effect]) {
        telling.walk(watching)
        let interval = limits.eventInterval.milliseconds
        // Of a storm, each status is written once and its bytes are copied.
        var written: [UserID: [UInt8]] = [:]
        var room = Telling.bytesPerTurn
        while room > 0, let (watcher, items) = telling.nextDue(interval: interval, at: now) {
            alarms.set(.outbox(watcher), at: now.uptime + interval)
            guard let name = directory.name(of: watcher) else { continue }
            var batch = Batch(limit: limits.maxMessage)
            for item in items {
                switch item {
                case .frozen(let bytes, _), .end(let bytes, _): batch.append(bytes)
                case .status(let user):
                    if let bytes = written[user] {
                        batch.append(bytes)
                    } else if let bytes = statusPayload(of: user) {
                        written[user] = bytes
                        batch.append(bytes)
                    }
                }
            }
            if batch.count == 0 { telling.reopen(watcher) }
            for message in batch.messages() {
                counts.events += 1
                room -= message.count
                effects.append(.notify(name, message))
            }
            counts.updates += batch.count
        }
    }

    /// The status of a user who has one.
    private func statusPayload(of user: UserID) -> [UInt8]? {
        guard let name = directory.name(of: user), roster[user].seq > 0 else { return nil }
        return roster.status(of: user, named: name).payload
    }
}

/// JSON values gathered into arrays no longer than a limit.
private struct Batch {
    let limit: Int
    private var full: [[UInt8]] = []
    private var open: [UInt8] = []
    private(set) var count = 0

    init(limit: Int) { self.limit = limit }

    mutating func append(_ value: [UInt8]) {
        count += 1
        if !open.isEmpty, open.count + value.count + 2 > limit { close() }
        open.append(open.isEmpty ? UInt8(ascii: "[") : UInt8(ascii: ","))
        open += value
    }

    mutating func messages() -> [[UInt8]] {
        if !open.isEmpty { close() }
        return full
    }

    private mutating func close() {
        open.append(UInt8(ascii: "]"))
        full.append(open)
        open = []
    }
}
