import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite(
    "The payload of a device topic",
    .service(["device_burst": "1000", "broker_restart_grace": "60s"])
)
struct DevicePayloadTests {
    private static let accepted: [(payload: String, word: String)] = [
        ("away", "away"),
        (" \t\r\nxa\n ", "xa"),
        ("a", "a"),
        (String(repeating: "z", count: 32), String(repeating: "z", count: 32)),
        ("0_9-x", "0_9-x"),
        ("Busy", "busy"),
        ("ON", "online"),
        (#"{"status":"XA"}"#, "xa"),
        ("available", "online"),
        (#"{"status":"dnd"}"#, "dnd"),
        (" {\n\"status\" : \"busy\"}\n", "busy"),
        ("{}", "online"),
        (#"{"ttl":5}"#, "online"),
        (#"{"status":"idle","ttl":86400,"session":"","nested":{"a":[1]}}"#, "idle"),
        (#"{"status":"away","status":"coffee"}"#, "coffee"),
        ("tea" + String(repeating: " ", count: 1_021), "tea"),
    ]

    @Test("A word, or an object with a status, is taken")
    func accepted() async throws {
        let service = try Service.current
        let device = try await service.device("alice", "phone", birth: "first")
        for (payload, word) in Self.accepted {
            try await device.state(payload)
            let status = try await service.status(of: "alice", is: word)
            #expect(status["devices"]?["phone"]?.string == word)
        }
        #expect(try await service.messages(of: device).isEmpty)
    }

    private static let refused: [(payload: [UInt8], code: String)] =
        [
            (#"{"status":"away""#, "malformed_request"),
            (#"{"status":1}"#, "malformed_request"),
            (#"{"status":"away"} x"#, "malformed_request"),
            (#"{"ttl":"60"}"#, "malformed_request"),
            (#"{"ttl":60.0}"#, "malformed_request"),
            (#"{"session":7}"#, "malformed_request"),
            (#"{"state":"online"}"#, "malformed_request"),
            (#"{"alive":false}"#, "malformed_request"),
            (#"{"status":true}"#, "malformed_request"),
            (#"{"ttl":4}"#, "invalid_expiry"),
            (#"{"ttl":86401}"#, "invalid_expiry"),
            (#"{"ttl":-1}"#, "invalid_expiry"),
            (#"{"ttl":99999999999999999999}"#, "invalid_expiry"),
            (#"{"status":"Away!","ttl":1}"#, "invalid_expiry"),
            (#"{"status":"Away!"}"#, "invalid_status"),
            (#"{"status":""}"#, "invalid_status"),
            ("Away!", "invalid_status"),
            ("at home", "invalid_status"),
            ("   ", "invalid_status"),
            ("[1]", "invalid_status"),
            (#""away""#, "invalid_status"),
            ("caf\u{E9}", "invalid_status"),
            (String(repeating: "z", count: 33), "invalid_status"),
            ("tea" + String(repeating: " ", count: 1_022), "payload_too_large"),
            ("{" + String(repeating: "x", count: 1_024), "payload_too_large"),
            (String(repeating: "x", count: 300_000), "payload_too_large"),
        ].map { (Array($0.utf8), $1) } + [
            ([0xFF, 0xFE], "malformed_request"),
            ([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], "malformed_request"),
        ]

    @Test("Anything else is answered, and the last statement is put back")
    func refused() async throws {
        let service = try Service.current
        let device = try await service.device(
            "bob",
            "phone",
            birth: #"{"status":"away","ttl":600}"#
        )
        try await service.status(of: "bob", is: "away")
        let monitor = try await service.monitor("presence/status/+", "presence/device/bob/+")
        _ = try await monitor.status(of: "bob")
        let topic = "presence/device/bob/phone"
        _ = try await monitor.expect(topic)
        for (payload, code) in Self.refused {
            try await device.publish(Message(topic: topic, payload: payload, qos: 1, retain: true))
            // It is also asked once whether it is there, since it may have been its will.
            let answer = try await device.expect("presence/response/bob/phone") { message in
                (try? message.json["operation"]) != .string("announce")
            }.json
            let said = String(decoding: payload.prefix(40), as: UTF8.self)
            #expect(answer.errorCode == code, "\(said)")
            #expect(answer["operation"]?.string == "device")
            #expect(answer["error"]?["message"]?.string?.isEmpty == false)
            #expect(try await monitor.expect(topic).payload == payload)
            let written = try await monitor.expect(topic)
            #expect(
                written.text == #"{"status":"away","ttl":600,"by":"presence-bridge"}"#,
                "\(said)"
            )
            #expect(written.retain)
            #expect(written.by == "presence-bridge")
        }
        try await service.settle(monitor)
        #expect(try monitor.takeStatuses(of: "bob").isEmpty)
    }

    @Test("Of a device that has said nothing yet, the topic is cleared")
    func refusedBirth() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/device/carol/+")
        let device = try await service.device("carol", "phone", birth: "Hello World")
        let answer = try await device.expect("presence/response/carol/phone").json
        #expect(answer.errorCode == "invalid_status")
        try await monitor.clear(of: "presence/device/carol/phone")
        #expect(try await service.get("carol", by: device)["seq"]?.integer == 0)
    }

    @Test("A will in the words of things is understood: the topic stays as the thing wrote it")
    func wills() async throws {
        // Tests of one service settle by devices of dave's.
        let service = try await Service.start()
        defer { service.end() }
        for (will, cause) in [
            ("Offline", "logout"), ("0", "lost"), ("unavailable", "lost"),
            (#"{"status":"Disconnected"}"#, "lost"),
        ] {
            let thing = try await service.device("dave", "plug", birth: "Online", will: will)
            try await service.status(of: "dave", is: "online")
            await thing.dropConnection()
            try await service.status(of: "dave") { $0["cause"]?.string == cause }
            let monitor = try await service.monitor("presence/device/dave/plug")
            #expect(try await monitor.expect("presence/device/dave/plug").text == will)
        }
    }

    @Test("A thing whose will nobody can read is asked, and silent it is lost")
    func unreadableWill() async throws {
        let service = try await Service.start(["broker_restart_grace": "1s"])
        defer { service.end() }
        let thing = try await service.device("alice", "plug", will: #"{"state":"offline"}"#)
        let other = try await service.device("alice", "lamp", will: "switched off")
        try await service.status(of: "alice") { $0["devices"]?.object?.count == 2 }
        await thing.dropConnection()
        try await service.status(of: "alice") { $0["devices"]?.object?.keys == ["lamp"] }
        // One that answers goes on.
        try await other.state("Out to lunch")
        #expect(try await other.expect("presence/response/alice/lamp").json.errorCode != nil)
        let asked = try await other.expect("presence/response/alice/lamp")
        #expect(asked.text == #"{"operation":"announce"}"#)
        try await other.state("busy")
        try await service.status(of: "alice", is: "busy")
        try await other.state("Out to lunch")
        let status = try await service.status(of: "alice") { $0["cause"]?.string == "lost" }
        #expect(status["devices"] == .object(JSONObject([])))
    }
}
