import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// Users that are described to Home Assistant, at a real broker beside the built bridge.
@Suite("Export to Home Assistant")
struct HomeAssistantExportTests {
    private static let right = "topic readwrite homeassistant/device/presence/+/config"

    private func start(
        _ line: String?,
        rights: String = right,
        flags: [String: String] = [:]
    ) async throws -> Service {
        let service = try await Service.start(flags, users: ["home"], startsBridge: false) {
            var acl = $0.acl ?? ""
            acl += "\nuser presence-bridge\n\(rights)\ntopic read homeassistant/#\n"
            acl += "\nuser home\ntopic readwrite homeassistant/#\ntopic read presence/#\n"
            $0.acl = acl
        }
        try await restart(service, line)
        return service
    }

    /// Starts the bridge with another line.
    private func restart(_ service: Service, _ line: String?) async throws {
        if service.bridgeProcess != nil { try await service.stopBridge() }
        let file = service.broker.folder.file("export.conf")
        try (line.map { "\($0)\n" } ?? "").write(toFile: file, atomically: true, encoding: .utf8)
        try await service.startBridge(["config": file])
    }

    /// What is retained below a filter now, by topic.
    private func retained(
        _ service: Service,
        _ filter: String = "homeassistant/#"
    ) async throws -> [String: String] {
        let home = try await TestClient.connect(
            to: service.broker,
            username: "home",
            password: "home"
        )
        try await home.subscribe(filter)
        // What is retained comes before what is published now.
        try await home.publish("homeassistant/marker", "end")
        _ = try await home.expect("homeassistant/marker")
        var found: [String: String] = [:]
        for message in home.takeMessages() where message.retain {
            found[message.topic] = message.text
        }
        return found
    }

    private func awaits(
        _ service: Service,
        _ what: String,
        where matches: @escaping ([String: String]) -> Bool
    ) async throws -> [String: String] {
        try await eventually(what, every: .milliseconds(50), log: service.bridgeLog) {
            let found = try await retained(service)
            return matches(found) ? found : nil
        }
    }

    @Test(
        "A user is described, and what stands there fits the topics that the bridge writes",
        arguments: ["5", "3.1.1"]
    )
    func users(_ version: String) async throws {
        let service = try await start("export home-assistant", flags: ["mqtt_version": version])
        defer { service.end() }
        let topic = "homeassistant/device/presence/bob/config"
        let bob = try await service.client("bob")
        try await bob.publish("presence/device/bob/phone", "online", retain: true)
        try await service.status(of: "bob", is: "online")
        let found = try await awaits(service, "bob is described") { $0[topic] != nil }
        let message = try JSONValue(parsing: Array((found[topic] ?? "").utf8))
        let online = message["components"]?["online"]
        let status = try #require(online?["state_topic"]?.string)
        #expect(try await service.text(on: status)?.contains(#""online":true"#) == true)
        let available = try #require(message["availability_topic"]?.string)
        #expect(try await service.text(on: available)?.contains(#""state":"online""#) == true)
        // What somebody else has spoilt meanwhile is put right by the next process.
        let home = try await TestClient.connect(
            to: service.broker,
            username: "home",
            password: "home"
        )
        try await service.stopBridge()
        try await home.publish(topic, "{}", retain: true)
        try await service.startBridge()
        _ = try await awaits(service, "bob is described again") { $0 == found }
    }

    @Test(
        "Only those of the line are described, and nobody when it has gone; what others wrote stays"
    )
    func lines() async throws {
        let service = try await start("export home-assistant")
        defer { service.end() }
        let home = try await TestClient.connect(
            to: service.broker,
            username: "home",
            password: "home"
        )
        let other = "homeassistant/light/x/config"
        try await home.publish(other, "{}", retain: true)
        for user in ["alice", "bob"] {
            let client = try await service.client(user)
            try await client.publish("presence/device/\(user)/phone", "online", retain: true)
        }
        let head = "homeassistant/device/presence"
        _ = try await awaits(service, "both are described") { $0.count == 3 }
        try await restart(service, "export home-assistant users=alice")
        _ = try await awaits(service, "alice is described") {
            Set($0.keys) == [other, "\(head)/alice/config"]
        }
        try await restart(service, nil)
        _ = try await awaits(service, "nobody is described") { Set($0.keys) == [other] }
    }

    @Test("The bridge adopts nothing of what it has written itself")
    func discovery() async throws {
        let service = try await start("export home-assistant\nadopt discovery")
        defer { service.end() }
        let bob = try await service.client("bob")
        try await bob.publish("presence/device/bob/phone", "online", retain: true)
        _ = try await awaits(service, "bob is described") { $0.count == 1 }
        try await restart(service, "export home-assistant\nadopt discovery")
        _ = try await awaits(service, "bob is described") { $0.count == 1 }
        #expect(try await service.text(on: "presence/status/discovery-bob") == nil)
        #expect(try await service.status(of: "bob")["online"] == .bool(true))
    }

    @Test("Without the right to write the line for the ACL is in the log, once")
    func rights() async throws {
        let service = try await start("export home-assistant", rights: "")
        defer { service.end() }
        for user in ["alice", "bob"] {
            let client = try await service.client(user)
            try await client.publish("presence/device/\(user)/phone", "online", retain: true)
            try await service.status(of: user, is: "online")
        }
        try await eventually("the line is in the log", log: service.bridgeLog) {
            service.bridgeLog.contains(Self.right) ? true : nil
        }
        #expect(service.bridgeLog.components(separatedBy: Self.right).count == 2)
    }
}
