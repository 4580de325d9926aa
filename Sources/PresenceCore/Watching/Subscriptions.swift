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
    mutating func restore(_ watched: [WatchedUser], of watcher: UserID) {
        while lists.count <= watcher { lists.append([]) }
        Self.append(watched, to: &lists[Int(watcher)])
    }

    private static func append(
        _ watched: [WatchedUser],
        to list: inout ContiguousArray<Subscription>
    ) {
        let count = list.count + watched.count
        // Most watchers come with all of theirs at once, and need no room for more.
        if count > list.capacity { list.reserveCapacity(count + (list.isEmpty ? 0 : count / 8)) }
        for entry in watched {
            let expires = UInt32(clamping: entry.expires)
            let subscription = Subscription(user: entry.user, expires: expires)
            // The end is the rule, since a store replays itself in order.
            if let last = list.last, last.user >= entry.user {
                let place = list.partition { $0.user >= entry.user }
                if list[place].user == entry.user {
                    list[place] = subscription
                } else {
                    list.insert(subscription, at: place)
                }
            } else {
                list.append(subscription)
            }
        }
    }

    /// Of how many users the watchers are laid down at a time: so few that where they go is in the
    /// processor's cache, which takes a third of the time that it takes for a million at once.
    private static let block = 1 << 18

    /// Makes the users' side of all that was restored.
    ///
    /// All at once, since each single one would be a walk to another end of the memory.
    mutating func endRestoring() {
        let end = lists.reduce(1) { max($0, Int($1.last?.user ?? 0) + 1) }
        /// How far each watcher's list was laid down.
        var places = ContiguousArray<UInt32>(repeating: 0, count: lists.count)
        count = 0
        sets = []
        sets.reserveCapacity(end)
        for start in stride(from: 0, to: end, by: Self.block) {
            layDown(start..<min(start + Self.block, end), &places)
        }
    }

    /// Makes the next users' side: their watchers are counted, laid side by side, and taken apart.
    private mutating func layDown(_ users: Range<Int>, _ places: inout ContiguousArray<UInt32>) {
        var ends = ContiguousArray<Int>(repeating: 0, count: users.count)
        for watcher in lists.indices {
            var place = Int(places[watcher])
            while place < lists[watcher].count, lists[watcher][place].user < users.upperBound {
                ends[Int(lists[watcher][place].user) - users.lowerBound] += 1
                place += 1
            }
        }
        var laid = 0
        for user in ends.indices {
            // Where the user's watchers begin; it becomes where they end while they are laid down.
            (ends[user], laid) = (laid, laid + ends[user])
        }
        var watchers = ContiguousArray<UserID>(repeating: 0, count: laid)
        for watcher in lists.indices {
            var place = Int(places[watcher])
            while place < lists[watcher].count, lists[watcher][place].user < users.upperBound {
                let user = Int(lists[watcher][place].user) - users.lowerBound
                watchers[ends[user]] = UserID(watcher)
                ends[user] += 1
                place += 1
            }
            places[watcher] = UInt32(place)
        }
        var start = 0
        for end in ends {
            sets.append(WatcherSet(sorted: watchers[start..<end]))
            start = end
        }
        count += laid
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
