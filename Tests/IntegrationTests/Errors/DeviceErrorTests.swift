import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite(
    "Errors of statements",
    .service(["max_devices": "2", "device_burst": "1000", "broker_restart_grace": "60s"])
)
struct DeviceErrorTests {
    /// States bytes and returns the error that comes back.
    private func error(_ client: TestClient, stating payload: [UInt8]) async throws -> String? {
        let (user, device) = client.owner
        try await client.publish(
            Message(
                topic: "presence/device/\(user)/\(device)",
                payload: payload,
                qos: 1,
                retain: true
            )
        )
        // It is also asked once whether it is there, since it may have been its will.
        let answer = try await client.expect("presence/response/\(user)/\(device)") { message in
            (try? message.json["operation"]) != .string("announce")
        }.json
        #expect(answer.object?.keys == ["operation", "error"])
        #expect(answer["operation"] == .string("device"))
        return answer.errorCode
    }

    @Test("Each is answered, and the last valid statement is put back")
    func putBack() async throws {
        let service = try Service.current
        let alice = try await service.device("alice", "phone", birth: "away")
        try await service.status(of: "alice", is: "away")
        let topic = "presence/device/alice/phone"
        let monitor = try await service.monitor(topic)
        let cases: [(String, String)] = [
            (String(repeating: "x", count: 1_025), "payload_too_large"),
            ("{" + String(repeating: " ", count: 1_024) + "}", "payload_too_large"),
            ("{", "malformed_request"), (#"{"status":5}"#, "malformed_request"),
            (#"{"status":"busy","ttl":"5"}"#, "malformed_request"),
            (#"{"status":"busy","ttl":null}"#, "malformed_request"),
            (#"{"status":"busy","ttl":60.0}"#, "malformed_request"),
            (
                #"{"session":"\#(String(repeating: "é", count: 33))"}"#, "malformed_request"
            ),
            (#"{"ttl":4}"#, "invalid_expiry"), (#"{"ttl":86401}"#, "invalid_expiry"),
            (#"{"status":"No!","ttl":0}"#, "invalid_expiry"),
            (#"{"status":"No!"}"#, "invalid_status"), (#"{"status":""}"#, "invalid_status"),
            ("Online!", "invalid_status"), ("on line", "invalid_status"), (" ", "invalid_status"),
            ("[1]", "invalid_status"), ("\"online\"", "invalid_status"), ("1.5", "invalid_status"),
            (String(repeating: "x", count: 33), "invalid_status"), ("é", "invalid_status"),
        ]
        for (payload, code) in cases {
            let answer = try await error(alice, stating: Array(payload.utf8))
            #expect(answer == code, "for \(payload.prefix(40))")
        }
        #expect(try await error(alice, stating: [0x6F, 0xFF]) == "malformed_request")
        // One was put back for each; the last one stands.
        let restored = try JSONValue.text(#"{"status":"away","by":"presence-bridge"}"#)
        for _ in 0...cases.count {
            _ = try await monitor.expect(topic) { (try? $0.json) == restored && $0.retain }
        }
        let now = try await service.monitor(topic)
        #expect(try await now.expect(topic).json == restored)
        #expect(try await service.status(of: "alice")["status"] == .string("away"))
    }

    @Test("Where there was none, the topic is cleared, and nobody was ever seen")
    func cleared() async throws {
        let service = try Service.current
        let bob = try await service.client("bob", "phone")
        let monitor = try await service.monitor("presence/device/bob/phone")
        #expect(try await error(bob, stating: Array("No!".utf8)) == "invalid_status")
        _ = try await monitor.expect { $0.payload.isEmpty && $0.retain }
        let status = try await service.result(bob, "get", #"{"usernames":["bob"]}"#)
        #expect(status["users"]?[0]?["seq"] == .integer(0))
    }

    @Test("The longest payload, word and session, and the bounds of ttl are allowed")
    func allowed() async throws {
        let service = try Service.current
        let carol = try await service.client("carol", "phone")
        let session = String(repeating: "é", count: 32)
        let word = String(repeating: "z", count: 32)
        let pad = 1_024 - #"{"status":"a_1-","x":""}"#.utf8.count
        let cases = [
            (word, word), (" \n\tcoffee\r ", "coffee"), (#"{"status":"b","ttl":5}"#, "b"),
            (#"{"status":"c","ttl":86400}"#, "c"),
            (#"{"status":"d","session":"\#(session)"}"#, "d"),
            (#" {"status":"e","x":{"y":null}} "#, "e"),
            (#"{"status":"a_1-","x":"\#(String(repeating: "x", count: pad))"}"#, "a_1-"),
            ("{}", "online"),
        ]
        for (payload, word) in cases {
            try await carol.state(payload)
            try await service.status(of: "carol", is: word)
        }
        #expect(carol.takeMessages().isEmpty)
    }

    @Test("One device too many is refused and its topic cleared; offline ones do not count")
    func tooManyDevices() async throws {
        let service = try Service.current
        let first = try await service.device("dave", "first")
        let second = try await service.device("dave", "second")
        try await service.status(of: "dave") { $0["devices"]?.object?.count == 2 }
        let third = try await service.client("dave", "third")
        let monitor = try await service.monitor("presence/device/dave/third")
        #expect(try await error(third, stating: Array("online".utf8)) == "too_many_devices")
        _ = try await monitor.expect { $0.payload.isEmpty && $0.retain }
        let expected = try JSONValue.text(#"{"first":"online","second":"online"}"#)
        #expect(try await service.status(of: "dave")["devices"] == expected)

        try await first.state("offline")
        try await service.status(of: "dave") { $0["devices"]?.object?.count == 1 }
        try await third.state("busy")
        let words = try JSONValue.text(#"{"second":"online","third":"busy"}"#)
        try await service.status(of: "dave") { $0["devices"] == words }
        try await second.disconnect()
    }
}
