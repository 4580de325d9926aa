import BitCollections
import DequeModule
import Presence

/// Changes on their way to the watchers: walks over the watchers, and what each is to be told.
struct Delivery: Sendable {
    /// The most watchers that one turn visits.
    static let visitsPerTurn = 20_000
    /// About how many bytes of events one turn writes: while the broker passes those on, the next
    /// are written.
    static let bytesPerTurn = 8 << 20

    /// The walk that goes on, which for a star lasts longer than a turn.
    private var current: FanOut?
    /// Whose walks have not begun, the next first; one that was forgotten may still stand here.
    private var waiting = Deque<UserID>()
    private var isWaiting = BitSet()
    private var outboxes = NumberMap<Outbox>()
    private var due = Deque<UserID>()
    /// Watchers whose interval is over, with nothing to tell: perhaps nothing else keeps their names.
    private var released: [UserID] = []
    /// Whether the broker does not keep up: then everything is collected.
    var isCongested = false

    /// Whether the next turn has something to do.
    var isBusy: Bool {
        current != nil || !waiting.isEmpty || (!due.isEmpty && !isCongested)
    }

    /// Whether a watcher is still to be told something, or its interval is not over.
    func holds(for watcher: UserID) -> Bool { outboxes.index(of: watcher) != nil }

    // MARK: - Walks

    mutating func tell(_ user: UserID) {
        if current?.user == user {
            current?.changeAgain()
        } else if isWaiting.insert(Int(user)).inserted {
            waiting.append(user)
        }
    }

    /// Walks on, and puts the changed users into the outboxes of their watchers.
    ///
    /// No subscription that has run out is met: those that end now have ended before.
    mutating func walk(_ subscriptions: Subscriptions) {
        var left = Self.visitsPerTurn
        while left > 0, var walk = current ?? next() {
            let user = walk.user
            let (visited, isDone) = walk.walk(subscriptions, limit: left) { watcher in
                put(.status(user), to: watcher)
            }
            left -= max(1, visited)
            current = isDone ? nil : walk
        }
    }

    private mutating func next() -> FanOut? {
        while let user = waiting.popFirst() {
            if isWaiting.remove(Int(user)) != nil { return FanOut(of: user) }
        }
        return nil
    }

    /// A watcher watches everyone from now on: the walk that goes on has left that place behind,
    /// and will not tell it again where it watches by name.
    mutating func join(_ watcher: UserID, _ subscriptions: Subscriptions) {
        guard let current, current.leavesOut(watcher),
            subscriptions.expiry(of: watcher, watching: current.user) != nil
        else { return }
        put(.status(current.user), to: watcher)
    }

    mutating func forget(_ id: UserID) {
        outboxes.removeValue(under: id)
        isWaiting.remove(Int(id))
        if current?.user == id { current = nil }
    }

    // MARK: - Outboxes

    mutating func put(_ item: Outbox.Item, to watcher: UserID) {
        if let place = outboxes.index(of: watcher) {
            outboxes[at: place].append(item)
        } else {
            outboxes.insert(Outbox(item), under: watcher)
            due.append(watcher)
        }
    }

    /// Drops what a watcher was to be told of users that it does not watch any more; with `nil`
    /// every status.
    mutating func drop(_ users: [UserID: Name]?, from watcher: UserID) {
        change(watcher) { $0.drop(users) }
    }

    /// Drops what a watcher was to be told of a subscription's end, since there is a new one.
    mutating func dropEnd(of user: Name?, from watcher: UserID, number: (Name) -> UserID?) {
        change(watcher) { $0.dropEnd(of: user, number: number) }
    }

    /// Makes what a watcher is to be told of some users stay as it is now.
    mutating func freeze(for watcher: UserID, _ status: (UserID) -> UserStatus?) {
        change(watcher) { $0.freeze(status) }
    }

    /// Changes the outbox of a watcher who has one.
    private mutating func change(_ watcher: UserID, _ body: (inout Outbox) -> Void) {
        guard let place = outboxes.index(of: watcher) else { return }
        body(&outboxes[at: place])
    }

    /// A watcher's interval is over.
    mutating func open(_ watcher: UserID, at now: Instant) {
        guard let place = outboxes.index(of: watcher), outboxes[at: place].opens <= now.uptime
        else { return }
        if outboxes[at: place].items.isEmpty { release(watcher) } else { due.append(watcher) }
    }

    /// All that was collected for a watcher has been forgotten: it was told nothing.
    mutating func reopen(_ watcher: UserID) {
        guard let place = outboxes.index(of: watcher) else { return }
        if outboxes[at: place].items.isEmpty { release(watcher) }
    }

    private mutating func release(_ watcher: UserID) {
        outboxes.removeValue(under: watcher)
        released.append(watcher)
    }

    /// Takes the watchers that it has ceased to hold anything for.
    mutating func takeReleased() -> [UserID] {
        defer { released.removeAll(keepingCapacity: true) }
        return released
    }

    /// Takes what the next watcher is to be told now, unless the broker does not keep up; it is
    /// told again after the interval.
    mutating func nextDue(
        _ names: Names,
        interval: Int64,
        at now: Instant
    ) -> (watcher: UserID, items: [Outbox.Item])? {
        guard !isCongested else { return nil }
        while let watcher = due.popFirst() {
            guard let place = outboxes.index(of: watcher) else { continue }
            let items = outboxes[at: place].take(names)
            if !items.isEmpty {
                outboxes[at: place].opens = now.uptime + interval
                return (watcher, items)
            }
            // It may stand here twice: one that was just told keeps its interval.
            if outboxes[at: place].opens <= now.uptime { release(watcher) }
        }
        return nil
    }
}
