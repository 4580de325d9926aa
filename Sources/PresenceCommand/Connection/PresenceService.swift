import PresenceClient

/// What the commands ask of a service, whichever way it is reached.
protocol PresenceService: Sendable {
    func status(of usernames: [String]) async throws -> [UserStatus]
    func onlineUsers() async throws -> [Name]
    func onlineCount() async throws -> Int
    func publish(description: String, expiry: Duration?) async throws -> UserStatus
    func subscribe(to usernames: [String], expiry: Duration?) async throws -> Subscribed
    func subscribeToEveryone(expiry: Duration?) async throws -> Int64
    func unsubscribe(from usernames: [String]) async throws -> [Name]
    func unsubscribeFromEveryone() async throws -> (usernames: [Name], everyone: Bool)
    func allSubscriptions() async throws -> SubscriptionPage
    func watchers() async throws -> [Name]
    func history(after: Int64?, limit: Int) async throws -> [UserChange]
}

extension PresenceClient: PresenceService {
    @discardableResult
    func subscribe(to usernames: [String], expiry: Duration?) async throws -> Subscribed {
        try await subscribe(to: usernames, expiry: expiry, renews: false)
    }

    @discardableResult
    func subscribeToEveryone(expiry: Duration?) async throws -> Int64 {
        try await subscribeToEveryone(expiry: expiry, renews: false)
    }

    func history(after: Int64?, limit: Int) async throws -> [UserChange] {
        try await history(after: after, before: nil, limit: limit)
    }
}
