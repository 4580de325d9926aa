import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("A restart of the broker with the plugin", .timeLimit(.minutes(2)))
struct PluginRestartTests {
    @Test(
        "Killed with persistence, it leaves no ghost, and whoever is back was never away",
        arguments: [true, false]
    )
    func restart(_ killing: Bool) async throws {
        let service = try await Service.automatic(flags: ["offline_grace": "2s"]) {
            $0.persistence = true
        }
        defer { service.end() }
        let watcher = try await service.device("alice", "laptop")
        try await service.subscribe(watcher, to: "bob", "carol")
        let bob = try service.plainClient("bob", id: "b")
        let carol = try service.plainClient("carol", id: "c")
        _ = try await watcher.events(upTo: "bob", word: "online")
        try await service.status(of: "bob", is: "online")
        try await service.status(of: "carol", is: "online")
        try await service.brokerHasRun(6)
        try await service.broker.save()
        // carol ends with the broker; bob's mosquitto_sub connects again by itself.
        carol.send(SIGSTOP)
        try await service.broker.restart(killing: killing)
        carol.kill()
        try await service.status(of: "carol") { $0["cause"]?.string == "restart" }
        let status = try await service.status(of: "bob", is: "online")
        #expect(status["devices"]?["b"]?.string == "online")
        // Beyond the grace, by which the bridge has asked bob's device or heard of it.
        try await Task.sleep(for: .seconds(2))
        try await service.status(of: "bob", is: "online")
        let ghost = try await service.text(on: "presence/device/carol/c")
        #expect(ghost?.contains("lost") ?? true)
        bob.kill()
        try await service.status(of: "bob", is: "offline")
    }

    @Test("The bridge's question to a device that the plugin speaks for is answered")
    func announced() async throws {
        let service = try await Service.automatic()
        defer { service.end() }
        let bob = try service.plainClient("bob", id: "b")
        try await service.status(of: "bob", is: "online")
        let monitor = try await service.monitor("presence/device/bob/b")
        _ = try await monitor.expect("presence/device/bob/b")
        let bridge = try await TestClient.connect(
            to: service.broker,
            username: Service.bridgeID,
            password: Service.bridgeID
        )
        try await bridge.publish("presence/response/bob/b", #"{"operation":"announce"}"#)
        _ = try await monitor.expect("presence/device/bob/b") { $0.text.contains("online") }
        bob.kill()
        try await service.status(of: "bob", is: "offline")
    }
}
