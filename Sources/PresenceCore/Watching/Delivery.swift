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
    private var isWaiting = NumberTable<Void>()
    private var outboxes = NumberTable<Outbox>()
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
        } else if !isWaiting.contains(user) {
            isWaiting[user] = ()
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

    /// Takes the walk that begins next.
    private mutating func next() -> FanOut? {
        while let user = waiting.popFirst() {
            if isWaiting.contains(user) {
                isWaiting[user] = nil
                return FanOut(of: user)
            }
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

    /// Tells a watcher something.
    mutating func put(_ item: Outbox.Item, to watcher: UserID) {
        if !outboxes.change(watcher, { $0.append(item, &scratch) }) {
            outboxes[watcher] = Outbox(item)
            due.append(watcher)
        }
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
        defer { outboxes[watcher] = nil }
        return outboxes[watcher]
    }

    /// Puts back the outbox that was taken from a watcher.
    mutating func putBack(_ outbox: Outbox, of watcher: UserID) { outboxes[watcher] = outbox }

    /// Whether a watcher is still to be told something, or its interval is not over.
    func holds(for watcher: UserID) -> Bool { outboxes.contains(watcher) }

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
        isWaiting[id] = nil
        if current?.user == id { current = nil }
    }

    /// Takes what the next watcher is to be told now, unless the broker does not keep up; it is
    /// told again after the interval.
    mutating func nextDue(
        interval: Int64,
        at now: Instant
    ) -> (watcher: UserID, items: [Outbox.Item])? {
        guard !isCongested else { return nil }
        while let watcher = due.popFirst() {
            var items: [Outbox.Item] = []
            var isOver = false
            outboxes.change(watcher) { outbox in
                items = outbox.take(&scratch)
                isOver = items.isEmpty && outbox.opens <= now.uptime
                if !items.isEmpty { outbox.opens = now.uptime + interval }
            }
            if !items.isEmpty { return (watcher, items) }
            // It may stand here twice: one that was just told keeps its interval.
            if isOver { release(watcher) }
        }
        return nil
    }
}
