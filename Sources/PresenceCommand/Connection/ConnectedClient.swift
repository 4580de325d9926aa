import PresenceClient

/// Runs work with a client that is connected and only looks, and closes it however the work ends; or with one
/// that asks over HTTP.
enum ConnectedClient {
    struct NoPassword: Error, CustomStringConvertible {
        let username: String

        var description: String {
            "the broker did not let \(username) in, and no password was given: set PRESENCE_PASSWORD, or "
                + "write 'password WORD' into ~/.config/presence.conf"
        }
    }

    static func run<Result: Sendable>(
        _ flags: ConnectionFlags,
        _ work: (any PresenceService) async throws -> Result
    ) async throws -> Result {
        if let options = try flags.http() { return try await work(HTTPService(options)) }
        return try await with(flags) { client in
            try await connect(client)
            return try await work(client)
        }
    }

    /// The same with a client that is not connected yet.
    static func with<Result: Sendable>(
        _ flags: ConnectionFlags,
        _ work: (PresenceClient) async throws -> Result
    ) async throws -> Result {
        var options = try flags.options()
        options.announces = false
        let client = try PresenceClient(options)
        do {
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
}
