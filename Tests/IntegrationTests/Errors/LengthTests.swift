import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("A broker that takes no long packets")
struct LengthTests {
    private static let lines = ["max_packet_size 1300", "message_size_limit 1100"]
    private static let users = (0..<30).map { "somebody-with-a-long-name-\($0)" }

    @Test("Answers that are too long are errors that say so, and change nothing", arguments: lines)
    func answers(_ line: String) async throws {
        let service = try await Service.start { $0.extra = line }
        defer { service.end() }
        let alice = try await service.client("alice")
        for qos in [0, 1, 2] as [UInt8] {
            let answer = try await service.request(
                alice,
                "subscribe",
                "{\"usernames\":\(Self.users.json)}",
                below: "/qos\(qos)",
                qos: qos
            )
            #expect(answer.errorCode == "limit_exceeded")
            let message = answer["error"]?["message"]?.string ?? ""
            #expect(message.contains("fewer users"), "\(message)")
        }
        #expect(try await service.result(alice, "subscriptions")["total"]?.integer == 0)
        let few = Array(Self.users.prefix(4)).json
        let result = try await service.result(alice, "subscribe", "{\"usernames\":\(few)}")
        #expect(result["subscribed"]?.array?.count == 4)
        // The bridge warns, with the line to set.
        let setting = line.prefix { $0 != " " }
        #expect(service.bridgeLog.contains("In mosquitto.conf: \(setting)"))
        #expect(service.bridgeLog.components(separatedBy: "In mosquitto.conf").count == 2)
    }

    @Test("Pages end early, events are split, and descriptions have less room", arguments: lines)
    func pages(_ line: String) async throws {
        let service = try await Service.start { $0.extra = line }
        defer { service.end() }
        let alice = try await service.client("alice")
        let connections = service.connections
        try await service.bringOnline(Self.users)
        for start in stride(from: 0, to: 30, by: 3) {
            let names = Array(Self.users[start..<start + 3]).json
            _ = try await service.result(alice, "subscribe", "{\"usernames\":\(names)}")
        }
        var seen: [String] = []
        var cursor: String?
        repeat {
            let payload = cursor.map { "{\"cursor\":\"\($0)\"}" } ?? "{}"
            let page = try await service.result(alice, "sync", payload)
            seen += page["users"]?.texts("username") ?? []
            cursor = page["cursor"]?.string
        } while cursor != nil
        #expect(seen.sorted() == Self.users.sorted())

        let speaker = try await service.speaker()
        for user in Self.users {
            try await speaker.publish("presence/device/\(user)/desk", "busy", retain: true)
        }
        var told: Set<String> = []
        while told.count < Self.users.count {
            for event in try await alice.events() where event["status"]?.string == "busy" {
                if let name = event["username"]?.string { told.insert(name) }
            }
        }
        let long = String(repeating: "x", count: 1_024)
        let code = try await service.errorCode(alice, "publish", "{\"description\":\"\(long)\"}")
        #expect(code == "limit_exceeded")
        #expect(service.connections == connections)
    }

    @Test("A status that became too long is told without what makes it so")
    func shortened() async throws {
        let service = try await Service.start(["metrics_interval": "1s"]) {
            $0.extra = "max_packet_size 2000"
        }
        defer { service.end() }
        let bob = try await service.client("bob")
        let words = String(repeating: "x", count: 1_000)
        _ = try await service.result(bob, "publish", "{\"description\":\"\(words)\"}")
        try await service.subscribe(bob, to: "bob")
        let speaker = try await service.speaker()
        for device in 0..<40 {
            try await speaker.publish(
                "presence/device/bob/a-device-with-a-long-name-\(device)",
                "online",
                retain: true
            )
        }
        let status = try await service.status(of: "bob") { $0["description"]?.string == "" }
        #expect(status["online"] == .bool(true))
        _ = try await service.retained("presence/bridge/presence-bridge/metrics/statuses/shortened")
        {
            $0.integer ?? 0 > 0
        }
        #expect(service.bridgeLog.components(separatedBy: "the status of bob has").count == 2)
    }

    @Test("A broker that takes all is not warned of")
    func unlimited() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let alice = try await service.client("alice")
        let answer = try await service.request(
            alice,
            "subscribe",
            "{\"usernames\":\(Self.users.json)}"
        )
        #expect(answer.errorCode == nil)
        #expect(!service.bridgeLog.contains("mosquitto.conf"))
    }
}

extension Service {
    /// How often the bridge has connected.
    ///
    /// Where a library takes a broker's refusal for a violation of the protocol, it takes some
    /// connections until the bridge knows what is too long.
    fileprivate var connections: Int {
        bridgeLog.components(separatedBy: "connected to the broker").count - 1
    }
}
