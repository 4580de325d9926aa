import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("Fan-out inside the broker")
struct PluginFanOutTests {
    private let control = "$CONTROL/presence/v1"

    @Test("A payload goes to each watcher that is named, with its QoS and expiry, to no other")
    func fanOut() async throws {
        let service = try await Self.service()
        defer { service.end() }
        let watchers = try await ["alice", "bob", "carol"].asyncMap { user in
            let client = try await TestClient.connect(
                to: service.broker,
                username: user,
                password: user
            )
            try await client.subscribe("presence/event/\(user)")
            return client
        }
        let bridge = try await Self.bridge(service)
        let line = #"{"fanout":["alice","bob"],"qos":1,"expiry":60}"#
        try await bridge.publish(control, "\(line)\n[1,\n2]")
        for watcher in watchers[..<2] {
            let message = try await watcher.expect("presence/event/+")
            #expect(message.text == "[1,\n2]")
            #expect(message.qos == 1 && !message.retain)
            #expect(message.properties.messageExpiry == 60)
        }
        try await bridge.publish(control, "{\"fanout\":[\"carol\"],\"qos\":0}\n")
        let empty = try await watchers[2].expect("presence/event/carol")
        #expect(empty.payload.isEmpty && empty.qos == 0 && empty.properties.messageExpiry == nil)
    }

    @Test("A bridge that greets is answered, it alone, each time")
    func hello() async throws {
        let service = try await Self.service()
        defer { service.end() }
        let other = try await Self.bridge(service, id: "b2")
        try await other.subscribe("presence/event/#")
        let bridge = try await Self.bridge(service, id: "b1")
        for _ in 0..<2 {
            try await bridge.publish(control, #"{"hello":1}"#)
            let answer = try await bridge.expect("presence/bridge/b1/plugin")
            #expect(answer.text == Self.greeting && !answer.retain)
        }
        #expect(try await service.text(on: "presence/bridge/b1/plugin") == nil)
        #expect(other.takeMessages().isEmpty)
    }

    @Test("Nobody else may speak to the plugin, whatever the rest of the configuration allows")
    func strangers() async throws {
        let service = try await Service.start(startsBridge: false) {
            $0.acl = nil
            $0.load(["bridge_users": Service.bridgeID])
        }
        defer { service.end() }
        let alice = try await TestClient.connect(
            to: service.broker,
            username: "alice",
            password: "alice"
        )
        try await alice.subscribe("#")
        try await alice.publish(control, "{\"fanout\":[\"alice\"]}\nx")
        try await alice.publish(control, #"{"hello":1}"#)
        #expect(try await alice.drain().isEmpty)
        #expect(service.broker.log.contains("it is not from one of the bridge_users"))
    }

    @Test("What is broken is refused with one line in the log, and the broker goes on")
    func broken() async throws {
        let service = try await Self.service()
        defer { service.end() }
        let bridge = try await Self.bridge(service)
        let many = (0...10_000).map { "\"u\($0)\"" }.joined(separator: ",")
        for qos in [UInt8(0), 1] {
            for payload in [
                "", "{", "\n", "{}", "{\"fanout\":[\"a/b\"]}\nx", "{\"fanout\":[\(many)]}\nx",
            ] {
                try await bridge.publish(control, payload, qos: qos)
            }
        }
        try await bridge.publish(control, #"{"hello":1}"#)
        _ = try await bridge.expect("presence/bridge/+/plugin")
        let lines = service.broker.log.split(separator: "\n").filter {
            $0.contains("refused a message")
        }
        #expect((1...3).contains(lines.count), "\(lines)")
    }

    /// mosquitto 2.1 handles several packets of a connection in a turn.
    private static let greeting =
        BrokerProgram.version < BrokerProgram.Version(2, 1)
        ? #"{"fanout":1}"# : #"{"fanout":1,"overtaken":true}"#

    private static func service() async throws -> Service {
        try await Service.start(startsBridge: false) { $0.replaceList() }
    }

    private static func bridge(_ service: Service, id: String? = nil) async throws -> TestClient {
        try await TestClient.connect(
            to: service.broker,
            id: id,
            username: Service.bridgeID,
            password: Service.bridgeID
        )
    }
}
