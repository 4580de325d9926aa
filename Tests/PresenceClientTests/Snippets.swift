import PresenceClient

/// The code of the documentation, so that it is known to compile; ``SnippetTests`` compares the two.
enum Snippets {
    static func device() async throws {
        let options = ClientOptions(
            host: "localhost",
            username: "alice",
            password: "demo-alice",
            device: "laptop"
        )
        let client = try PresenceClient(options)
        try await client.connect()
    }

    static func watching(_ client: PresenceClient) async throws {
        let updates = client.updates()
        try await client.subscribe(to: ["bob", "carol"], renews: true)
        for await update in updates {
            switch update {
            case .status(let status):
                print(status.username, status.status, status.description)
            case .bridge(nil):
                print("the bridge is away: what is shown may be stale")
            case .subscriptionEnded(let username?, _):
                print("no news of \(username) from now on")
            default:
                break
            }
        }
    }

    static func logins(_ client: PresenceClient) async throws {
        for await login in try await client.logins(of: ["bob"]) {
            print(login.username, login.isLoggedIn ? "came" : "went")
        }
    }

    static func asking(_ client: PresenceClient) async throws {
        let bob = try await client.status(of: "bob")
        print(bob.isOnline, bob.status, bob.devices.map(\.name))
        let some = try await client.areOnline(["bob", "carol"])
        let everyone = try await client.onlineUsers()
        print(some, everyone.count)
    }

    static func saying(_ client: PresenceClient) async throws {
        try await client.setStatus("busy")
        try await client.publish(description: "in a meeting", expiry: .seconds(3_600))
    }

    static func failing(_ client: PresenceClient) async throws {
        do {
            try await client.subscribeToEveryone()
        } catch let error as PresenceError where error.code == .forbidden {
            print("the operator has not allowed that")
        }
    }

    static func ending(_ client: PresenceClient) async {
        await client.close()
    }

    static func first() async throws {
        let client = try PresenceClient(
            ClientOptions(username: "alice", password: "demo-alice", device: "laptop")
        )
        let updates = client.updates()
        try await client.connect()
        try await client.subscribe(to: ["bob"])
        for await case .status(let status) in updates {
            print(status.username, status.status)
        }
    }
}
