import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// Things that state a birth and have a will, and know nothing else of the protocol, over a crash of a
/// broker that has the plugin.
@Suite("A thing that knows nothing of the bridge, and the plugin", .timeLimit(.minutes(2)))
struct PluginVouchingTests {
    /// A service whose broker keeps what is retained, and says what was stated since its start.
    private func start() async throws -> Service {
        try await Service.start(["offline_grace": "1s", "broker_restart_grace": "6s"]) { options in
            options.persistence = true
            options.load(["bridge_users": Service.bridgeID])
        }
    }

    @Test(
        "Killed with all it has saved, the thing is back before the bridge: it was never away",
        arguments: [true, false]
    )
    func killed(restartsBridge: Bool) async throws {
        let service = try await start()
        defer { service.end() }
        let (lamp, plug) = (try await service.returning("bob", "lamp"), try await dave(service))
        let before = try await service.status(of: "bob", is: "online")
        let watcher = try await service.client("alice")
        try await service.subscribe(watcher, to: "bob", "dave")
        try await service.brokerHasRun(6)
        try await service.broker.save()
        if restartsBridge {
            service.bridgeProcess?.kill()
        } else {
            service.bridgeProcess?.send(SIGSTOP)
        }
        try await service.broker.restart(killing: true)
        keep(lamp, plug, watcher)
        let alice = try await service.returning("alice", "test", birth: nil)
        let back = try await service.returning("bob", "lamp")
        #expect(try await service.text(on: "presence/device/bob/lamp") == "online")
        if restartsBridge {
            try await service.startBridge()
        } else {
            service.bridgeProcess?.send(SIGCONT)
        }
        try await service.bridgeState { $0["epoch"]?.integer == 2 }
        // The other one, which is not back, is lost when the grace is over.
        let events = try await alice.events(upTo: "dave", word: "offline")
        #expect(events.about("bob") == [])
        #expect(events.about("dave").last?["cause"]?.string == "restart")
        #expect(try await service.status(of: "bob") == before)
        #expect(try await service.text(on: "presence/device/bob/lamp") == "online")
        try await back.publish("presence/device/bob/lamp", "away", retain: true)
        try await service.status(of: "bob", is: "away")
    }

    /// A thing that does not come back.
    private func dave(_ service: Service) async throws -> TestClient {
        let plug = try await service.returning("dave", "plug")
        try await service.status(of: "dave", is: "online")
        return plug
    }

    @Test("The plugin names what clients have stated since the start, and not what was kept")
    func answer() async throws {
        let service = try await start()
        defer { service.end() }
        let phone = try await service.returning("bob", "phone")
        try await service.status(of: "bob", is: "online")
        try await service.stopBridge()
        #expect(try await stated(service) == ["bob/phone"])
        try await service.broker.save()
        try await service.broker.restart(killing: true)
        keep(phone)
        #expect(try await service.text(on: "presence/device/bob/phone") == "online")
        #expect(try await stated(service) == [])
        let (bob, carol) = (
            try await service.returning("bob", "lamp"), try await service.returning("carol", "a")
        )
        // Not retained, it is not on the topic.
        try await carol.publish("presence/device/carol/b", "online")
        try await carol.publish("presence/device/carol/c", "online", retain: true)
        try await carol.publish("presence/device/carol/c", "", retain: true)
        let bridge = try await asBridge(service)
        try await bridge.publish("presence/device/bob/phone", "away", retain: true)
        try await bridge.publish("presence/device/carol/a", "away", retain: true)
        #expect(try await stated(service) == ["bob/lamp", "carol/a"])
        try await bridge.publish("presence/device/carol/a", "", retain: true)
        #expect(try await stated(service) == ["bob/lamp"])
        keep(bob, carol)
    }

    private func asBridge(_ service: Service) async throws -> TestClient {
        try await TestClient.connect(
            to: service.broker,
            username: Service.bridgeID,
            password: Service.bridgeID
        )
    }

    /// What the plugin says that was stated, sorted.
    private func stated(_ service: Service) async throws -> [String] {
        let bridge = try await asBridge(service)
        let question = #"{"hello":1,"stated":true}"#
        try await bridge.publish("$CONTROL/presence/v1", question)
        _ = try await bridge.expect("presence/bridge/+/plugin") { $0.text.contains("fanout") }
        // The list is queued behind the greeting, and what is told of a fan-out behind the list.
        try await bridge.publish("$CONTROL/presence/v1", #"{"fanout":[],"done":true}"#)
        var devices: [String] = []
        while true {
            let message = try await bridge.expect("presence/bridge/+/plugin")
            guard let list = try message.json["stated"]?.array else { break }
            devices += list.compactMap(\.string)
        }
        return devices.sorted()
    }
}
