import Presence

/// One watcher's subscription, as kept: eight bytes.
struct Subscription: Hashable, Sendable {
    /// The user watched, or ``UserID/everyone``.
    var user: UserID
    /// The Unix second at which it ends.
    var expires: UInt32

    func isOver(at now: Instant) -> Bool { Int64(expires) * 1_000 <= now.unix }
}

/// Who watches whom and until when.
///
/// Each subscription is kept twice, compactly: with the watcher, sorted by user, and with the user
/// watched. The number 0 stands for everyone on both sides.
struct Subscriptions: Sendable {
    private var lists: ContiguousArray<ContiguousArray<Subscription>> = [[]]
    private var sets: ContiguousArray<WatcherSet> = [WatcherSet()]
    /// The Unix second at which each watcher's alarm goes off; the last there is for none.
    private var wakes: ContiguousArray<UInt32> = []
    private(set) var count = 0

    /// One more than the highest number of a watcher.
    var end: UserID { UserID(lists.count) }

    /// The subscriptions of a watcher, sorted by the number of the user.
    func list(of watcher: UserID) -> ContiguousArray<Subscription> {
        watcher < lists.count ? lists[Int(watcher)] : []
    }

    /// Those that have not ended.
    func living(of watcher: UserID, at now: Instant) -> [Subscription] {
        list(of: watcher).filter { !$0.isOver(at: now) }
    }

    func watchers(of user: UserID) -> WatcherSet {
        user < sets.count ? sets[Int(user)] : WatcherSet()
    }

    func expiry(of watcher: UserID, watching user: UserID) -> UInt32? {
        let list = list(of: watcher)
        let place = list.partition { $0.user >= user }
        return place < list.count && list[place].user == user ? list[place].expires : nil
    }

    /// Whether anyone is watched by, or watches, the user.
    func refers(to id: UserID) -> Bool {
        (id < lists.count && !lists[Int(id)].isEmpty)
            || (id < sets.count && !sets[Int(id)].isEmpty)
    }

    /// Adds a subscription, replaces its end, or with `nil` takes it away; returns the end it
    /// had before.
    @discardableResult
    mutating func set(_ watcher: UserID, watching user: UserID, until expires: UInt32?) -> UInt32? {
        while lists.count <= watcher { lists.append([]) }
        while sets.count <= user { sets.append(WatcherSet()) }
        let before = expiry(of: watcher, watching: user)
        let place = lists[Int(watcher)].partition { $0.user >= user }
        switch (before, expires) {
        case (nil, nil): break
        case (nil, let expires?):
            let subscription = Subscription(user: user, expires: expires)
            lists[Int(watcher)].insertTightly(subscription, at: place)
            sets[Int(user)].insert(watcher)
            count += 1
        case (_?, let expires?):
            lists[Int(watcher)][place].expires = expires
        case (_?, nil):
            lists[Int(watcher)].remove(at: place)
            sets[Int(user)].remove(watcher)
            count -= 1
        }
        return before
    }

    /// Puts back what a store holds of a watcher; the users' side follows with ``endRestoring()``.
    mutating func restore(_ subscription: Subscription, of watcher: UserID) {
        while lists.count <= watcher { lists.append([]) }
        // The end is the rule, since a store replays itself in order.
        var place = lists[Int(watcher)].count
        if let last = lists[Int(watcher)].last, last.user >= subscription.user {
            place = lists[Int(watcher)].partition { $0.user >= subscription.user }
            if lists[Int(watcher)][place].user == subscription.user {
                lists[Int(watcher)][place] = subscription
                return
            }
        }
        lists[Int(watcher)].insertTightly(subscription, at: place)
    }

    /// Makes the users' side of all that was restored.
    ///
    /// All at once, since each single one would be a walk to another end of the memory: counted
    /// first, then laid side by side, then taken apart.
    mutating func endRestoring() {
        var ends: ContiguousArray<Int> = []
        for list in lists {
            for subscription in list {
                while ends.count <= subscription.user { ends.append(0) }
                ends[Int(subscription.user)] += 1
            }
        }
        count = 0
        for user in ends.indices {
            // Where the user's watchers begin; it becomes where they end while they are laid down.
            (ends[user], count) = (count, count + ends[user])
        }
        var watchers = ContiguousArray<UserID>(repeating: 0, count: count)
        for (watcher, list) in lists.enumerated() {
            for subscription in list {
                watchers[ends[Int(subscription.user)]] = UserID(watcher)
                ends[Int(subscription.user)] += 1
            }
        }
        sets = ends.isEmpty ? [WatcherSet()] : []
        sets.reserveCapacity(ends.count)
        var start = 0
        for end in ends {
            sets.append(WatcherSet(sorted: watchers[start..<end]))
            start = end
        }
    }

    /// When the watcher's earliest subscription ends, as a Unix second.
    func earliestExpiry(of watcher: UserID) -> UInt32? {
        list(of: watcher).lazy.map(\.expires).min()
    }

    /// When the watcher's alarm goes off, in milliseconds since 1970, at a whole second.
    subscript(wakeOf watcher: UserID) -> Int64? {
        get {
            guard watcher < wakes.count, wakes[Int(watcher)] != .max else { return nil }
            return Int64(wakes[Int(watcher)]) * 1_000
        }
        set {
            while wakes.count <= watcher { wakes.append(.max) }
            wakes[Int(watcher)] = newValue.map { UInt32(clamping: $0 / 1_000) } ?? .max
        }
    }
}
