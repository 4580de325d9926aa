import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("Identity by the plugin, without an access control list")
struct PluginAccessTests {
    /// What eve may not publish to.
    static let forbidden = [
        "presence/device/bob/phone", "presence/device/bob/new", "presence/device/eve",
        "presence/device/eve/a/b", "presence/request/bob/phone/unsubscribe",
        "presence/request/eve/get", "presence/request/eve/a/b/get", "presence/status/eve",
        "presence/status/bob", "presence/response/eve/test", "presence/response/bob/phone",
        "presence/event/eve", "presence/event/bob", "presence/bridge/presence-bridge",
        "presence/bridge/presence-bridge/metrics/x", "presence/bridge/eve", "presence/eve",
        "presence", "other", "$CONTROL/presence/v1",
    ]

    @Test("What is another's, the bridge's or nobody's is not written")
    func writing() async throws {
        let service = try await Self.service()
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        let monitor = try await service.monitor("presence/#")
        _ = try await monitor.expect("presence/device/bob/phone")
        let eve = try await service.client("eve")
        for topic in Self.forbidden {
            let reason = try await eve.publish(topic, "offline", retain: true)
            #expect(reason == .notAuthorized, "\(topic)")
        }
        try await eve.state("online")
        _ = try await monitor.expect("presence/device/eve/test")
        #expect(monitor.takeMessages().allSatisfy { $0.text != "offline" })
        try await service.status(of: "bob", is: "online")
        try await bob.disconnect()
    }

    @Test("A will on a topic that may not be written is not published", arguments: forbidden)
    func wills(_ topic: String) async throws {
        let service = try await Self.service(startsBridge: false)
        defer { service.end() }
        let monitor = try await service.monitor("presence/#", "$SYS/broker/clients/total")
        if let eve = try? await TestClient.connect(
            to: service.broker,
            username: "eve",
            password: "eve",
            will: Message(topic: topic, payload: "lost", qos: 1, retain: true)
        ) {
            await eve.dropConnection()
        }
        let after = try await TestClient.connect(
            to: service.broker,
            username: "eve",
            password: "eve",
            will: Message(topic: "presence/device/eve/x", payload: "lost", qos: 1, retain: true)
        )
        await after.dropConnection()
        _ = try await monitor.expect("presence/device/eve/x") { $0.text == "lost" }
        #expect(monitor.takeMessages().allSatisfy { $0.text != "lost" })
    }

    @Test("A filter by which nothing could be read is refused")
    func subscribing() async throws {
        let service = try await Self.service(startsBridge: false)
        defer { service.end() }
        let eve = try await TestClient.connect(to: service.broker, username: "eve", password: "eve")
        for filter in [
            "presence/event/bob", "presence/response/bob/#", "presence/status/bob",
            "presence/device/+/+", "presence/request/#", "presence/bridge/+/metrics/#",
            "$share/x/presence/event/bob", "$CONTROL/presence/v1",
        ] {
            await #expect(throws: FixtureError.self, "\(filter)") {
                try await eve.subscribe(filter)
            }
        }
    }

    @Test("By a filter that is wider than the rights comes what may be read, and no more")
    func reading() async throws {
        let service = try await Self.service(["other": "allow"])
        defer { service.end() }
        let eve = try await service.client("eve")
        for filter in ["#", "presence/#", "+/event/+"] { try await eve.subscribe(filter) }
        let alice = try await service.device("alice", "phone")
        try await service.subscribe(alice, to: "alice")
        try await alice.state("busy")
        _ = try await alice.events(upTo: "alice", word: "busy")
        try await eve.state("away")
        _ = try await eve.status(of: "eve") { $0["status"]?.string == "away" }
        let foreign = eve.takeMessages().map(\.topic).filter {
            !$0.hasPrefix("presence/bridge/") && !$0.hasSuffix("/eve")
        }
        #expect(foreign.isEmpty)
        try await alice.disconnect()
    }

    @Test("A login that is no name of a user has no rights")
    func namelessLogins() async throws {
        let logins = ["eve/x", String(repeating: "x", count: 129)]
        let service = try await Service.start(users: logins) { $0.replaceList() }
        defer { service.end() }
        for login in logins {
            let client = try await TestClient.connect(
                to: service.broker,
                username: login,
                password: login
            )
            for filter in ["presence/bridge/+", "presence/#"] {
                await #expect(throws: FixtureError.self) { try await client.subscribe(filter) }
            }
            let reason = try await client.publish("presence/device/eve/x", "online")
            #expect(reason == .notAuthorized)
        }
    }

    @Test("Statuses are read by whom the option says", arguments: ["everyone", "own", "none"])
    func statuses(_ readers: String) async throws {
        let service = try await Self.service(["status_readers": readers])
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        let eve = try await service.device("eve", "phone")
        try await service.status(of: "bob", is: "online")
        try await service.status(of: "eve", is: "online")
        for (user, isRead) in [("bob", readers == "everyone"), ("eve", readers != "none")] {
            let client = try await service.client("eve", "reader")
            let topic = "presence/status/\(user)"
            if isRead {
                try await client.subscribe(topic)
                _ = try await client.expect(topic)
            } else {
                await #expect(throws: FixtureError.self) { try await client.subscribe(topic) }
            }
        }
        keep(bob, eve)
    }

    @Test("A client id that another user is connected by is not to be had")
    func clientIDs() async throws {
        let service = try await Self.service(startsBridge: false)
        defer { service.end() }
        func connect(_ user: String, _ password: String? = nil) async throws -> TestClient {
            try await TestClient.connect(
                to: service.broker,
                id: "x",
                username: user,
                password: password ?? user
            )
        }
        let bob = try await connect("bob")
        await #expect(throws: FixtureError.self) { try await connect("eve") }
        // Neither does it become free by a wrong password.
        await #expect(throws: FixtureError.self) { try await connect("bob", "wrong") }
        await #expect(throws: FixtureError.self) { try await connect("eve") }
        try await bob.publish("presence/device/bob/x", "online", retain: true)
        let again = try await connect("bob")
        _ = try await bob.closure()
        try await again.disconnect()
        let eve = try await connect("eve")
        try await eve.disconnect()
        #expect(service.broker.log.contains("the client id is bob's, who is connected"))
    }

    @Test("Whoever takes the client id of a bridge's login does not keep it out")
    func bridgeID() async throws {
        let service = try await Self.service(startsBridge: false)
        defer { service.end() }
        let eve = try await TestClient.connect(
            to: service.broker,
            id: Service.bridgeID,
            username: "eve",
            password: "eve"
        )
        let bridge = try await TestClient.connect(
            to: service.broker,
            id: Service.bridgeID,
            username: Service.bridgeID,
            password: Service.bridgeID
        )
        _ = try await eve.closure()
        try await bridge.disconnect()
    }

    @Test("What is not about presence is left to the broker, or allowed", arguments: [true, false])
    func other(_ allows: Bool) async throws {
        let service = try await Self.service(
            ["other": allows ? "allow" : "defer"],
            startsBridge: false
        )
        defer { service.end() }
        let eve = try await TestClient.connect(to: service.broker, username: "eve", password: "eve")
        let reason = try await eve.publish("lamp", "on")
        #expect((reason == .notAuthorized) == !allows)
    }

    @Test("Beside an access control list, the list decides what is not about presence")
    func list() async throws {
        let service = try await Service.start(users: ["eve"], startsBridge: false) {
            $0.replaceList()
            // What the list says of presence does not count.
            $0.acl =
                "topic readwrite lamp\npattern readwrite presence/#\nuser eve\ntopic write lamp"
        }
        defer { service.end() }
        let eve = try await TestClient.connect(to: service.broker, username: "eve", password: "eve")
        #expect(try await eve.publish("lamp", "on") != .notAuthorized)
        #expect(try await eve.publish("door", "open") == .notAuthorized)
        #expect(try await eve.publish("presence/status/bob", "x") == .notAuthorized)
    }

    private static func service(
        _ plugin: [String: String] = [:],
        startsBridge: Bool = true
    ) async throws -> Service {
        try await Service.start(users: ["eve"], startsBridge: startsBridge) {
            $0.replaceList(plugin)
        }
    }
}
