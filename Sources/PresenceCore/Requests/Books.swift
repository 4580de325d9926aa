import Presence

/// What requests need to know of statuses, whoever makes them.
protocol StatusBook: Statuses {
    /// Who is online.
    var online: BitSet { get }

    /// The second of a user's last change.
    func updated(_ id: UserID) -> Int64?

    /// The whole status of a user, that of one who was never seen where there is none.
    func status(of id: UserID, named name: Name) -> UserStatus

    /// The same as it is told, in so many bytes at most; `nil` where not even the least of it fits.
    func shown(_ id: UserID, named name: Name, room: Int?) -> UserStatus?
}

extension StatusBook {
    /// The status of a name, which need not be known.
    func status(of name: Name, _ names: some Naming, room: Int?) -> UserStatus {
        guard let id = names.id(of: name) else { return UserStatus(username: name) }
        // Where the least of it is too long, the answer is, too, and is refused.
        return shown(id, named: name, room: room) ?? status(of: id, named: name)
    }

    /// The whole status of a name, which need not be known.
    func wholeStatus(of name: Name, _ names: some Naming) -> UserStatus {
        names.id(of: name).map { status(of: $0, named: name) } ?? UserStatus(username: name)
    }
}

/// What requests need to know of subscriptions, whoever keeps them.
protocol SubscriptionBook {
    /// The subscriptions of a watcher that have not ended, sorted by the number of the user.
    func living(of watcher: UserID, at now: Instant) -> [Subscription]

    /// The watchers of a user.
    func watchers(of user: UserID) -> WatcherSet
}
