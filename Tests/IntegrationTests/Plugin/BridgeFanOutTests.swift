import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("The bridge and the plugin in the broker")
struct BridgeFanOutTests {
    private static let watchers = (1...20).map { "w\($0)" }

    @Test(
        "Many watchers are told by one message of the bridge, as each would be told alone",
        arguments: ["1", "0"]
    )
    func fanOut(_ qos: String) async throws {
        let service = try await Self.service(["event_qos": qos, "event_expiry": "7"])
        defer { service.end() }
        let clients = try await Self.watch("bob", service)
        let bob = try await service.device("bob", "phone")
        let status = try await service.status(of: "bob", is: "online")
        for client in clients {
            let event = try await client.expect("presence/event/+")
            #expect(try event.json == .array([status]))
            #expect(!event.retain && "\(event.qos)" == qos)
            #expect(event.properties.messageExpiry == 7)
        }
        #expect(service.bridgeLog.contains("the plugin in the broker passes events on"))
        #expect(service.published(on: "$CONTROL/presence/v1") == 2)
        #expect(service.published(on: "presence/event/w1") == 0)
        withExtendedLifetime(bob) {}
    }

    @Test("A watcher alone is told without the plugin, and everyone in the order of seq")
    func order() async throws {
        let service = try await Self.service(["event_interval": "0", "device_burst": "500"])
        defer { service.end() }
        let clients = try await Self.watch("bob", service)
        try await service.subscribe(clients[0], to: "carol")
        let carol = try await service.device("carol", "phone", birth: nil)
        let bob = try await service.device("bob", "phone", birth: nil)
        for number in 1...100 {
            try await bob.state("word-\(number)")
            try await carol.state("word-\(number)")
        }
        for client in clients {
            let users = client === clients[0] ? ["bob", "carol"] : ["bob"]
            var last: [String: Int64] = [:]
            var ended: Set<String> = []
            while ended.count < users.count {
                for event in try await client.events() {
                    let user = try #require(event["username"]?.string)
                    let seq = try #require(event["seq"]?.integer)
                    #expect(seq > last[user] ?? 0)
                    last[user] = seq
                    if event["status"]?.string == "word-100" { ended.insert(user) }
                }
            }
        }
        // Where it would overtake what the plugin passes on, it goes by the plugin, too.
        let isAlone = BrokerProgram.version < BrokerProgram.Version(2, 1)
        #expect((service.published(on: "presence/event/w1") > 0) == isAlone)
        #expect(service.published(on: "presence/event/w2") == 0)
    }

    @Test("Without the plugin, or the right to speak to it, each watcher is told by a message")
    func absent() async throws {
        let list = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../../examples/acl").standardized,
            encoding: .utf8
        )
        // The list as it is shipped may stand for the plugin.
        for acl in ["\(list)#", list.replacing("topic write $CONTROL/presence/v1", with: "")] {
            let service = try await Service.start(users: Self.watchers) { $0.acl = acl }
            defer { service.end() }
            try await Self.expectPlain(service)
            #expect(!service.bridgeLog.contains("CONTROL"))
        }
    }

    @Test(
        "Where the broker takes no long messages nobody is forgotten",
        arguments: ["max_packet_size 700", "message_size_limit 450"],
        ["0", "1"]
    )
    func shortMessages(_ limit: String, _ qos: String) async throws {
        let service = try await Self.service(["event_qos": qos]) { $0.extra += "\n\(limit)" }
        defer { service.end() }
        let clients = try await Self.watch("bob", service)
        let bob = try await service.device("bob", "phone")
        for word in ["online", "away", "busy"] {
            if word != "online" { try await bob.state(word) }
            for client in clients {
                #expect(try await client.events().map { $0["status"]?.string } == [word])
            }
        }
        #expect(service.published(on: "$CONTROL/presence/v1") > 1)
    }

    @Test("A bridge that is not to use it never asks")
    func off() async throws {
        let service = try await Self.service(["broker_plugin": "off"])
        defer { service.end() }
        try await Self.expectPlain(service)
        #expect(service.published(on: "$CONTROL/presence/v1") == 0)
    }

    @Test("After a restart of the broker it is asked again")
    func restart() async throws {
        let service = try await Self.service { $0.persistence = true }
        defer { service.end() }
        try await service.broker.restart(killing: true)
        try await eventually("the plugin is found again", log: service.bridgeLog) {
            service.bridgeProcess?.count("passes events on") == 2 ? true : nil
        }
    }

    @Test(
        "What the plugin passes on comes before what the bridge sent behind it",
        arguments: [false, true]
    )
    func overtaking(_ isEncrypted: Bool) async throws {
        let service = try await Service.start(startsBridge: false) {
            $0.replaceList()
            $0.tls = isEncrypted
        }
        defer { service.end() }
        let alice = try await service.client("alice")
        let bridge = try await TestClient.connect(
            to: service.broker,
            username: Service.bridgeID,
            password: Service.bridgeID
        ) { options in
            guard let port = service.broker.tlsPort else { return }
            options.port = port
            options.tls = TLSOptions(certificateAuthorityFile: service.broker.certificateAuthority)
        }
        guard BrokerProgram.version < BrokerProgram.Version(2, 1) else {
            for number in 0..<200 {
                let line = #"{"fanout":["alice"],"qos":0,"done":true}"#
                try await bridge.publish("$CONTROL/presence/v1", "\(line)\n\(2 * number)", qos: 0)
                let answer = try await bridge.expect("presence/bridge/+/plugin")
                #expect(answer.text == #"{"done":true}"#)
                try await bridge.publish("presence/event/alice", "\(2 * number + 1)", qos: 0)
            }
            return try await Self.expectInOrder(400, alice)
        }
        // So that it finds everything at once.
        service.broker.pause()
        let line = #"{"fanout":["alice"],"qos":0}"#
        for number in 0..<200 {
            try await bridge.publish("$CONTROL/presence/v1", "\(line)\n\(2 * number)", qos: 0)
            try await bridge.publish("presence/event/alice", "\(2 * number + 1)", qos: 0)
        }
        service.broker.resume()
        try await Self.expectInOrder(400, alice)
    }

    private static func expectInOrder(_ count: Int, _ alice: TestClient) async throws {
        for number in 0..<count {
            #expect(try await alice.expect("presence/event/alice").text == "\(number)")
        }
    }

    private static func service(
        _ flags: [String: String] = [:],
        broker change: (inout BrokerOptions) -> Void = { _ in }
    ) async throws -> Service {
        try await Service.start(flags, users: watchers) { options in
            options.replaceList()
            change(&options)
        }
    }

    /// Connects all the watchers, and subscribes them to a user.
    private static func watch(_ user: String, _ service: Service) async throws -> [TestClient] {
        var clients: [TestClient] = []
        for watcher in watchers {
            let client = try await service.client(watcher)
            try await service.subscribe(client, to: user)
            clients.append(client)
        }
        return clients
    }

    private static func expectPlain(_ service: Service) async throws {
        let clients = try await watch("bob", service)
        let bob = try await service.device("bob", "phone")
        for client in clients { #expect(try await client.events().about("bob").count == 1) }
        #expect(!service.bridgeLog.contains("passes events on"))
        for watcher in watchers { #expect(service.published(on: "presence/event/\(watcher)") == 1) }
        withExtendedLifetime(bob) {}
    }
}

extension Service {
    /// How many messages the bridge has published on a topic.
    fileprivate func published(on topic: String) -> Int {
        broker.log.split(separator: "\n").count {
            $0.contains("Received PUBLISH from \(Self.bridgeID)-") && $0.contains("'\(topic)'")
        }
    }
}
