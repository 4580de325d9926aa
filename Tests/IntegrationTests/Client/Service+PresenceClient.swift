import BrokerFixture
import PresenceClient

extension Service {
    /// The options of a client of a user of this service.
    func options(_ user: String, _ device: String = "swift") -> ClientOptions {
        ClientOptions(
            host: broker.host,
            port: broker.port,
            username: user,
            password: user,
            device: device
        )
    }

    /// A connected client that has caught up.
    func presence(
        _ user: String,
        _ device: String = "swift",
        _ change: (inout ClientOptions) -> Void = { _ in }
    ) async throws -> PresenceClient {
        var options = options(user, device)
        change(&options)
        let client = try PresenceClient(options)
        let updates = client.updates()
        try await client.connect()
        try await updates.first("catching up") { $0 == .caughtUp }
        return client
    }
}

extension Updates {
    /// Awaits an update that matches.
    @discardableResult
    func first(
        _ what: String,
        where matches: @escaping @Sendable (Update) -> Bool
    ) async throws -> Update {
        try await first(what) { matches($0) ? $0 : nil }
    }

    /// Awaits an update out of which something can be made.
    func first<Result: Sendable>(
        _ what: String,
        _ make: @escaping @Sendable (Update) -> Result?
    ) async throws -> Result {
        try await limited(what) {
            for await update in self {
                if let result = make(update) { return result }
            }
            throw FixtureError("the stream ended before: \(what)")
        }
    }

    /// Awaits a status of a user that matches.
    @discardableResult
    func status(
        of user: String,
        where matches: @escaping @Sendable (UserStatus) -> Bool
    ) async throws -> UserStatus {
        try await first("a status of \(user)") { update in
            guard case .status(let status) = update, status.username.text == user,
                matches(status)
            else { return nil }
            return status
        }
    }

    /// Awaits that a user has a word.
    @discardableResult
    func status(of user: String, is word: String) async throws -> UserStatus {
        try await status(of: user) { $0.status.text == word }
    }
}

/// Gives something 20 seconds.
func limited<Result: Sendable>(
    _ what: String,
    _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask(operation: work)
        group.addTask {
            try await Task.sleep(for: .seconds(20))
            throw FixtureError("waited in vain for: \(what)")
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw FixtureError(what) }
        return result
    }
}
