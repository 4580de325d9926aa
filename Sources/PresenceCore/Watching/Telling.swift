import DequeModule
import Presence

/// Changes on their way to the watchers: walks over the watchers, and what each is to be told.
struct Telling: Sendable {
    /// The most watchers that one turn visits.
    static let visitsPerTurn = 20_000

    /// The walk that goes on, which for a star lasts longer than a turn.
    private var current: FanOut?
    /// Whose walks have not begun, the next first; one that was forgotten may still stand here.
    private var waiting = Deque<UserID>()
    private var isWaiting: Set<UserID> = []
    private var outboxes: [UserID: Outbox] = [:]
    private var due: [UserID] = []
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
    mutating func walk(_ watching: Watching, nowUnix: Int64) {
        var left = Self.visitsPerTurn
        while left > 0, var walk = current ?? next() {
            let user = walk.user
            let (visited, isDone) = walk.walk(watching, limit: left) { watcher in
                let named = watching.expiry(of: watcher, watching: user)
                let ends = max(named ?? 0, watching.expiry(of: watcher, watching: .everyone) ?? 0)
                if Int64(ends) * 1_000 > nowUnix { put(.status(user), to: watcher) }
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
        if outboxes[watcher] == nil {
            outboxes[watcher] = Outbox(opens: 0)
            due.append(watcher)
        }
        outboxes[watcher]?.append(item)
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

    /// Takes what is to be told now, watcher by watcher; each is told again after the interval.
    mutating func takeDue(
        interval: Int64,
        at now: Instant,
        _ body: (UserID, [Outbox.Item]) -> Void
    ) {
        guard !isCongested else { return }
        for watcher in due {
            guard let items = outboxes[watcher]?.take(), !items.isEmpty else {
                // It may stand here twice: one that was just told keeps its interval.
                if outboxes[watcher].map({ $0.opens <= now.uptime }) ?? false {
                    release(watcher)
                }
                continue
            }
            outboxes[watcher]?.opens = now.uptime + interval
            body(watcher, items)
        }
        due.removeAll(keepingCapacity: true)
    }
}

extension PresenceCore {
    /// Writes the batches of events that are due.
    mutating func notify(at now: Instant, into effects: inout [Effect]) {
        telling.walk(watching, nowUnix: now.unix)
        let interval = limits.eventInterval.milliseconds
        // Of a storm, each status is written once and its bytes are copied.
        var written: [UserID: [UInt8]] = [:]
        var told: [(watcher: UserID, items: [Outbox.Item])] = []
        telling.takeDue(interval: interval, at: now) { told.append(($0, $1)) }
        for (watcher, items) in told {
            alarms.set(.outbox(watcher), at: now.uptime + interval)
            guard let name = directory.name(of: watcher) else { continue }
            var batch = Batch(limit: limits.maxMessage)
            for item in items {
                switch item {
                case .frozen(let bytes, _), .end(let bytes, _): batch.append(bytes)
                case .status(let user):
                    guard let userName = directory.name(of: user), roster[user].seq > 0 else {
                        continue
                    }
                    if written[user] == nil {
                        written[user] = roster.status(of: user, named: userName).payload
                    }
                    if let bytes = written[user] { batch.append(bytes) }
                }
            }
            if batch.count == 0 { telling.reopen(watcher) }
            for message in batch.messages() {
                counts.events += 1
                effects.append(.notify(name, message))
            }
            counts.updates += batch.count
        }
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
        if !open.isEmpty, open.count + value.count + 2 > limit {
            full.append(open + [UInt8(ascii: "]")])
            open = []
        }
        open.append(open.isEmpty ? UInt8(ascii: "[") : UInt8(ascii: ","))
        open += value
    }

    func messages() -> [[UInt8]] {
        open.isEmpty ? full : full + [open + [UInt8(ascii: "]")]]
    }
}
