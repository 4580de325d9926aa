import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("Access with the shipped list, or the plugin", .service(users: ["erin", "eve"]))
struct AccessTests {
    @Test("A user cannot write what is another's, the bridge's, or nobody's")
    func writing() async throws {
        let service = try Service.current
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        let monitor = try await service.monitor("presence/#")
        _ = try await monitor.expect("presence/device/bob/phone")
        let eve = try await service.client("eve")
        let forbidden = [
            "presence/device/bob/phone", "presence/device/bob/new", "presence/device/eve",
            "presence/device/eve/a/b", "presence/request/bob/phone/unsubscribe",
            "presence/request/eve/get", "presence/request/eve/a/b/get", "presence/status/eve",
            "presence/status/bob", "presence/response/eve/test", "presence/response/bob/phone",
            "presence/event/eve", "presence/event/bob", "presence/bridge/presence-bridge",
            "presence/bridge/presence-bridge/metrics/x", "presence/bridge/eve", "presence/eve",
            "presence", "other",
        ]
        for topic in forbidden {
            let reason = try await eve.publish(topic, "offline", retain: true)
            #expect(reason == .notAuthorized, "\(topic)")
        }
        // What she may write comes through, after all of the above.
        try await eve.state("online")
        _ = try await monitor.expect("presence/device/eve/test")
        #expect(monitor.takeMessages().allSatisfy { $0.text != "offline" })
        #expect(try await service.status(of: "bob")["status"] == .string("online"))
        try await bob.disconnect()
    }

    @Test("A will on another's device topic is worth nothing")
    func foreignWill() async throws {
        let service = try Service.current
        let carol = try await service.device("carol", "phone")
        try await service.status(of: "carol", is: "online")
        let monitor = try await service.monitor("presence/#")
        let will = Message(
            topic: "presence/device/carol/phone",
            payload: "lost",
            qos: 1,
            retain: true
        )
        // The broker may refuse the connection or drop the will.
        if let mallory = try? await TestClient.connect(
            to: service.broker,
            username: "eve",
            password: "eve",
            will: will
        ) {
            await mallory.dropConnection()
        }
        // A connection that is dropped later has its will published later.
        let eve = try await service.device("eve", "after")
        try await service.status(of: "eve") { $0["devices"]?["after"] != nil }
        await eve.dropConnection()
        try await service.status(of: "eve") { $0["devices"]?["after"] == nil }
        let wills = monitor.takeMessages().filter { $0.text == "lost" }
        #expect(wills.map(\.topic) == ["presence/device/eve/after"])
        #expect(try await service.status(of: "carol")["online"] == .bool(true))
        try await carol.disconnect()
    }

    @Test("A user reads its own answers, events and status, and the state of the bridge, no more")
    func reading() async throws {
        let service = try Service.current
        let dave = try await TestClient.connect(
            to: service.broker,
            username: "dave",
            password: "dave"
        )
        // The broker grants each of these, or the plugin refuses it; what may not be read does not
        // come.
        for filter in [
            "#", "presence/#", "presence/response/alice/#", "presence/event/alice",
            "presence/status/alice", "presence/device/+/+", "presence/request/#", "$SYS/#",
        ] {
            _ = try? await dave.subscribe(filter)
        }
        let alice = try await service.device("alice", "phone")
        try await service.subscribe(alice, to: "alice")
        try await alice.state("busy")
        try await service.status(of: "alice", is: "busy")
        _ = try await alice.events()

        let phone = try await service.device("dave", "phone")
        try await service.subscribe(phone, to: "dave")
        try await phone.state("dnd")
        try await service.status(of: "dave", is: "dnd")
        for topic in [
            "presence/response/dave/phone", "presence/event/dave", "presence/status/dave",
            "presence/bridge/presence-bridge",
        ] {
            _ = try await dave.expect(topic)
        }
        let own = [
            "presence/response/dave/phone", "presence/event/dave", "presence/status/dave",
            "presence/bridge/presence-bridge",
        ]
        let others = dave.takeMessages().map(\.topic).filter { !own.contains($0) }
        #expect(others.isEmpty)
        try await alice.disconnect()
        try await phone.disconnect()
    }

    @Test("A monitor reads everything and writes nothing")
    func monitor() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/#")
        let erin = try await service.device("erin", "phone")
        try await service.subscribe(erin, to: "erin")
        try await erin.state("busy")
        for topic in [
            "presence/device/erin/phone", "presence/request/erin/phone/subscribe",
            "presence/response/erin/phone", "presence/event/erin", "presence/status/erin",
            "presence/bridge/presence-bridge", "presence/bridge/presence-bridge/metrics/+",
        ] {
            _ = try await monitor.expect(topic)
        }
        for topic in ["presence/device/erin/phone", "presence/status/erin", "presence/event/erin"] {
            #expect(try await monitor.publish(topic, "offline", retain: true) == .notAuthorized)
        }
        try await erin.disconnect()
    }

    @Test("Whoever has no password of the broker's does not come in")
    func strangers() async throws {
        let service = try Service.current
        for (username, password) in [(nil, nil), ("alice", "bob"), ("zed", "zed")] {
            await #expect(throws: FixtureError.self) {
                try await TestClient.connect(
                    to: service.broker,
                    username: username,
                    password: password
                )
            }
        }
    }
}
