import Presence

extension PresenceClient {
    /// Subscribes to users, and tells of each when it comes online and when it goes.
    ///
    /// The subscriptions are the same as those of ``subscribe(to:expiry:renews:)``, and are ended by
    /// ``unsubscribe(from:)``.
    public func logins(
        of usernames: [String],
        expiry: Duration? = nil,
        renews: Bool = true
    ) async throws -> Logins {
        // The stream begins before the subscriptions, so that nothing falls between the two.
        let updates = updates()
        let names = Set(try Self.distinct(usernames))
        let subscribed = try await subscribe(to: usernames, expiry: expiry, renews: renews)
        let statuses = subscribed.subscribed.map(\.status)
        return Logins(updates: updates, start: LoginChanges(of: names, from: statuses))
    }

    /// Subscribes to everyone, and tells of each user when it comes online and when it goes.
    ///
    /// - Throws: ``PresenceError``: `forbidden` without the operator's leave.
    public func loginsOfEveryone(
        expiry: Duration? = nil,
        renews: Bool = true
    ) async throws -> Logins {
        let updates = updates(capacity: 1_000_000)
        try await subscribeToEveryone(expiry: expiry, renews: renews)
        let statuses = try await statusesOfSubscribed()
        return Logins(updates: updates, start: LoginChanges(of: nil, from: statuses))
    }
}
