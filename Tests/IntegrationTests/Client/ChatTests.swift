import PresenceClient
import Testing

/// Agora Chat's presence, row by row.
@Suite("A chat client in Swift", .service())
struct ChatTests {
    @Test("Subscribing brings the status, and then every change")
    func subscribe() async throws {
        let service = try Service.current
        let bob = try await service.presence("bob")
        let alice = try await service.presence("alice", "a1")
        let updates = alice.updates()
        let subscribed = try await alice.subscribe(to: ["bob", "bob"], expiry: .seconds(3_600))
        #expect(subscribed.subscribed.map(\.status.username.text) == ["bob"])
        #expect(subscribed.subscribed.first?.status.isOnline == true)
        #expect(subscribed.evicted.isEmpty && subscribed.rejected.isEmpty)
        try await bob.setStatus("busy")
        try await updates.status(of: "bob", is: "busy")
        await bob.close()
        let gone = try await updates.status(of: "bob", is: "offline")
        #expect(gone.cause == .logout)
        try await alice.unsubscribe(from: ["bob"])
        await alice.close()
    }

    @Test("What was published is told with the status, and goes when its time is over")
    func publish() async throws {
        let service = try Service.current
        let alice = try await service.presence("alice", "a2")
        let carol = try await service.presence("carol")
        let updates = alice.updates()
        try await alice.subscribe(to: ["carol"])
        // Read as it comes: of what a slow reader is behind with, only the newest counts.
        async let told = updates.status(of: "carol") { $0.description == "back at 5" }
        let own = try await carol.publish(description: "back at 5", expiry: .seconds(2))
        #expect(own.description == "back at 5")
        _ = try await told
        try await updates.status(of: "carol") { $0.description.isEmpty }
        await carol.close()
        await alice.close()
    }

    @Test("After unsubscribing no change is told")
    func unsubscribe() async throws {
        let service = try Service.current
        let dave = try await service.presence("dave", "d1")
        let alice = try await service.presence("alice", "a3")
        let updates = alice.updates()
        try await alice.subscribe(to: ["dave"])
        #expect(try await alice.unsubscribe(from: ["dave", "nobody"]).map(\.text) == ["dave"])
        try await updates.first("the end") {
            $0 == .subscriptionEnded(username: Name(user: "dave"), .unsubscribed)
        }
        let after = alice.updates()
        try await dave.setStatus("coffee")
        try await service.status(of: "dave", is: "coffee")
        // Whatever was told before its answer has arrived with it.
        _ = try await alice.subscriptions()
        await alice.close()
        for await update in after {
            if case .status(let status) = update {
                #expect(status.username.text != "dave")
            }
        }
        await dave.close()
    }

    @Test("The subscriptions are listed in pages, sorted by name")
    func subscriptions() async throws {
        let service = try Service.current
        let dave = try await service.presence("dave", "d2")
        let names = (0..<230).map { "user-\($0)" }
        let done = try await dave.subscribe(to: names, expiry: .seconds(60))
        #expect(done.subscribed.map(\.status.username.text) == names)
        var listed: [String] = []
        for number in 0..<3 {
            let page = try await dave.subscriptions(page: number, size: 100)
            #expect(page.total == 230)
            listed += page.entries.map(\.username.text)
        }
        #expect(listed == names.sorted { Name(checked: $0) < Name(checked: $1) })
        #expect(try await dave.unsubscribeFromEveryone().usernames.count == 230)
        await dave.close()
    }

    @Test("Statuses are had without a subscription, more than a hundred, too")
    func status() async throws {
        let service = try Service.current
        let bob = try await service.presence("bob", "b2")
        try await service.status(of: "bob") { $0["online"]?.bool == true }
        #expect(try await bob.status(of: "bob").isOnline)
        #expect(try await bob.status(of: "nobody").seq == 0)
        let names = (0..<150).map { "user-\($0)" }
        #expect(try await bob.status(of: names).map(\.username.text) == names)
        await bob.close()
    }

    @Test("A refusal has the protocol's code, and the words of the bridge")
    func refusals() async throws {
        let service = try Service.current
        let bob = try await service.presence("bob", "b3")
        let long = String(repeating: "x", count: 1_025)
        await #expect { try await bob.publish(description: long) } throws: { error in
            (error as? PresenceError)?.code == .invalidDescription
        }
        await #expect { try await bob.subscribe(to: ["a"], expiry: .seconds(0)) } throws: { error in
            (error as? PresenceError)?.code == .invalidExpiry
        }
        await #expect { try await bob.status(of: ["good", "not/good"]) } throws: { error in
            (error as? PresenceError)?.code == .invalidUsername
        }
        await #expect { try await bob.subscribeToEveryone() } throws: { error in
            (error as? PresenceError)?.code == .forbidden
        }
        await bob.close()
        await #expect(throws: PresenceError.notConnected) { try await bob.subscriptions() }
    }
}
