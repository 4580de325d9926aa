import BrokerFixture
import PresenceClient
import Testing

@Suite("A client in Swift, when others vanish")
struct ComebackTests {
    @Test(
        "After a kill of the bridge and a restart of the broker the stream goes on and misses nothing"
    )
    func restarts() async throws {
        let service = try await Service.start(broker: { $0.persistence = true })
        defer { service.end() }
        let alice = try await service.presence("alice")
        let bob = try await service.presence("bob")
        let ofBob = alice.updates()
        let ofCarol = alice.updates()
        try await alice.subscribe(to: ["bob", "carol"], expiry: .seconds(3_600))
        try await ofBob.status(of: "bob", is: "online")

        try await service.killBridge()
        try await bob.setStatus("busy")
        let carol = try await service.presenceWithoutBridge("carol")
        try await service.startBridge()
        try await ofBob.status(of: "bob", is: "busy")
        try await ofCarol.status(of: "carol", is: "online")

        try await service.broker.restart(killing: true)
        try await bob.setStatus("away")
        try await ofBob.status(of: "bob", is: "away")
        try await carol.publish(description: "still here")
        try await ofCarol.status(of: "carol") { $0.description == "still here" }

        // All three stated themselves again, or they would be lost when the grace is over.
        try await Task.sleep(for: .seconds(4))
        #expect(try await alice.areOnline(["alice", "bob", "carol"]).values.allSatisfy(\.self))
        for client in [alice, bob, carol] { await client.close() }
    }

    @Test("What changes while the client itself is cut off is told when it is back")
    func ownAbsence() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let alice = try await service.presence("alice")
        let updates = alice.updates()
        try await alice.subscribe(to: ["bob"], expiry: .seconds(3_600))
        try await alice.subscribe(to: ["carol"], expiry: .seconds(1))
        service.broker.kill()
        // The subscription runs out while nobody can be told.
        try await Task.sleep(for: .seconds(2.2))
        try await service.broker.restart()
        let bob = try await service.presence("bob")
        try await updates.status(of: "bob", is: "online")
        try await updates.first("the end of the one to carol") {
            $0 == .subscriptionEnded(username: Name(checked: "carol"), .expired)
        }
        await bob.close()
        await alice.close()
    }

    @Test("A subscription that is renewed outlives its expiry; one that is not ends, and says so")
    func renewal() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let alice = try await service.presence("alice")
        let updates = alice.updates()
        try await alice.subscribe(to: ["bob"], expiry: .seconds(2), renews: true)
        try await alice.subscribe(to: ["carol"], expiry: .seconds(3))
        try await updates.first("the end of the one to carol") {
            $0 == .subscriptionEnded(username: Name(checked: "carol"), .expired)
        }
        let page = try await alice.subscriptions()
        #expect(page.entries.map(\.username.text) == ["bob"])
        await alice.close()
    }

    @Test("A client that is not closed but ends is lost, not logged out")
    func will() async throws {
        let service = try await Service.start()
        defer { service.end() }
        do {
            let bob = try await service.presence("bob")
            try await service.status(of: "bob", is: "online")
            _ = await bob.isConnected
        }
        let status = try await service.status(of: "bob", is: "offline")
        #expect(status["cause"]?.string == "lost")
    }

    @Test("The streams say that the bridge is away, and that it is back")
    func honesty() async throws {
        let service = try await Service.start()
        defer { service.end() }
        var options = service.options("alice")
        options.answerTimeout = .milliseconds(500)
        let alice = try PresenceClient(options)
        let updates = alice.updates()
        try await alice.connect()
        try await updates.first("the bridge") { if case .bridge(_?) = $0 { true } else { false } }
        try await service.killBridge()
        try await updates.first("its absence") { $0 == .bridge(nil) }
        #expect(await alice.bridge == nil)
        await #expect(throws: PresenceError.noAnswer(operation: "online", bridgeIsAway: true)) {
            try await alice.onlineCount()
        }
        try await service.startBridge()
        try await updates.first("its return") { if case .bridge(_?) = $0 { true } else { false } }
        #expect(try await alice.onlineCount() >= 0)
        await alice.close()
    }
}

extension Service {
    /// A client that is connected while there is no bridge.
    func presenceWithoutBridge(_ user: String) async throws -> PresenceClient {
        let client = try PresenceClient(options(user))
        try await client.connect()
        return client
    }
}
