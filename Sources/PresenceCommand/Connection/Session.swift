import PresenceClient

/// Runs work with a client that is connected, and closes it however the work ends.
enum Session {
    static func run<Result: Sendable>(
        _ flags: ConnectionFlags,
        _ work: (PresenceClient) async throws -> Result
    ) async throws -> Result {
        var options = try flags.options()
        options.announces = false
        return try await run(options, work)
    }

    static func run<Result: Sendable>(
        _ options: ClientOptions,
        _ work: (PresenceClient) async throws -> Result
    ) async throws -> Result {
        let client = try PresenceClient(options)
        do {
            try await connect(client)
            let result = try await work(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }

    /// Connects, and says so when the broker refuses a user of whom no password was given.
    static func connect(_ client: PresenceClient) async throws {
        do {
            try await client.connect()
        } catch PresenceError.connectionRefused(let refusal)
            where client.options.password == nil
            && (refusal == .notAuthorized || refusal == .badCredentials)
        {
            throw NoPassword(username: client.options.username)
        }
    }

    /// Waits until the task is cancelled.
    static func forever() async throws {
        while true { try await Task.sleep(for: .seconds(3_600)) }
    }

    /// Does several things at a time, until the first of them ends; the others are cancelled.
    static func first(_ works: (@Sendable () async throws -> Void)...) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for work in works { group.addTask(operation: work) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Does something that must not take long; what it has not done by then is left.
    ///
    /// - Returns: Whether it was done.
    static func isDone(
        within patience: Duration,
        _ work: @escaping @Sendable () async throws -> Void
    ) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { (try? await work()) != nil }
            group.addTask {
                try? await Task.sleep(for: patience)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}
