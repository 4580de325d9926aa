import BrokerFixture
import Testing

@testable import PresenceClient

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

        let dave = try await service.device("dave", "phone")
        try await service.status(of: "dave", is: "online")
        // Two starts of a broker within three seconds count as one.
        try await service.brokerHasRun(4)
        try await service.broker.save()
        try await service.broker.restart(killing: true)
        keep(dave)
        try await bob.setStatus("away")
        try await ofBob.status(of: "bob", is: "away")
        try await carol.publish(description: "still here")
        try await ofCarol.status(of: "carol") { $0.description == "still here" }

        // All three stated themselves again, or they would be lost when the grace is over, as dave is.
        try await service.status(of: "dave") { $0["cause"]?.string == "restart" }
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

    @Test("A pure watcher is at rest after a restart of the broker")
    func watcherAtRest() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let watcher = try await service.presence("alice") { $0.announces = false }
        let updates = watcher.updates()
        // Two starts of a broker within three seconds count as one.
        try await service.brokerHasRun(4)
        try await service.broker.restart(killing: true)
        let epoch = try await updates.first("the bridge after the restart") { update -> Int64? in
            guard case .bridge(let state?) = update else { return nil }
            return state.epoch
        }
        #expect(epoch > 1)
        // A device would have spoken again by now: a third of the grace of 3 s is over.
        try await Task.sleep(for: .seconds(1.5))
        let turns = await watcher.turns
        try await Task.sleep(for: .seconds(1))
        #expect(await watcher.turns - turns < 20)
        await watcher.close()
    }

    @Test("Nothing is stated or asked any more by a client that closes")
    func closing() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let bob = try await service.presence("bob")
        try await service.status(of: "bob", is: "online")
        async let first: Void = bob.close()
        async let second: Void = bob.close()
        _ = await (first, second)
        await #expect(throws: PresenceError.notConnected) { try await bob.setStatus("busy") }
        let status = try await service.status(of: "bob", is: "offline")
        #expect(status["cause"]?.string == "logout")
    }

    @Test("What is asked while the first connection is on its way fails with it")
    func askedTooEarly() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        service.broker.pause()
        var options = service.options("alice")
        options.connectTimeout = .seconds(60)
        options.answerTimeout = .seconds(60)
        let client = try PresenceClient(options)
        let connecting = Task { try await client.connect() }
        let another = Task { try await client.connect() }
        let asking = try await eventually("the first connection is on its way") {
            () -> Task<Int, any Error>? in
            guard await client.isConnecting else { return nil }
            return Task { try await client.onlineCount() }
        }
        service.broker.kill()
        for task in [connecting, another] {
            await #expect(throws: PresenceError.self) { try await task.value }
        }
        await #expect(throws: PresenceError.self) { try await asking.value }
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
        options.answerTimeout = .seconds(2)
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
