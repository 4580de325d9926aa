import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("publish", .service(users: ["erin", "fay", "gil", "hal"]))
struct PublishTests {
    @Test("The description stands in the answer, in the retained status, and in the event")
    func everywhere() async throws {
        let service = try Service.current
        let watcher = try await service.client("bob")
        try await service.subscribe(watcher, to: "alice")
        let alice = try await service.device("alice", "phone")
        try await service.status(of: "alice", is: "online")
        _ = try await watcher.events()

        let words = #"back at 5, \"maybe\" 🕔"#
        let result = try await service.result(alice, "publish", #"{"description":"\#(words)"}"#)
        #expect(result.object?.keys == statusKeys)
        #expect(result["description"] == .string(#"back at 5, "maybe" 🕔"#))
        #expect(result["online"] == .bool(true))
        // The answer comes after the retained status and the event, which are the same.
        #expect(try await service.status(of: "alice") == result)
        #expect(try await watcher.events() == [result])
    }

    @Test("It is allowed while no device is online, and makes no one online")
    func offline() async throws {
        let service = try Service.current
        let carol = try await service.client("carol")
        let result = try await service.result(carol, "publish", #"{"description":"away"}"#)
        #expect(result["online"] == .bool(false))
        #expect(result["status"] == .string("offline"))
        #expect(result["cause"] == .null)
        #expect(result["since"] == .null)
        #expect((result["seq"]?.integer ?? 0) > 0)
        #expect(try await service.status(of: "carol") == result)
    }

    @Test("An empty description takes it away")
    func takenAway() async throws {
        let service = try Service.current
        let dave = try await service.client("dave")
        let first = try await service.result(dave, "publish", #"{"description":"here"}"#)
        let second = try await service.result(dave, "publish", #"{"description":""}"#)
        #expect(second["description"] == .string(""))
        let sequence = try #require(first["seq"]?.integer)
        #expect((second["seq"]?.integer ?? 0) > sequence)
        try await service.status(of: "dave") { $0["description"] == .string("") }
    }

    @Test("With an expiry it goes away by itself, and the watchers are told")
    func expires() async throws {
        let service = try Service.current
        let erin = try await service.client("erin")
        try await service.subscribe(erin, to: "erin")
        let result = try await service.result(
            erin,
            "publish",
            #"{"description":"in a meeting","expiry":1}"#
        )
        #expect(result["description"] == .string("in a meeting"))
        #expect(try await erin.events() == [result])
        let gone = try #require(try await erin.events().first)
        #expect(gone["description"] == .string(""))
        try await service.status(of: "erin") { $0 == gone }
    }

    @Test("A later publish replaces the expiry of the one before")
    func replacesExpiry() async throws {
        let service = try Service.current
        let fay = try await service.client("fay")
        let gil = try await service.client("gil")
        _ = try await service.result(fay, "publish", #"{"description":"short","expiry":1}"#)
        let lasting = try await service.result(fay, "publish", #"{"description":"long"}"#)
        // Another one that ends at the same time or later shows that the time is over.
        _ = try await service.result(gil, "publish", #"{"description":"short","expiry":1}"#)
        try await service.status(of: "gil") { $0["description"] == .string("") }
        #expect(try await service.status(of: "fay") == lasting)
    }

    @Test("What is published again changes no field and causes no event")
    func repeated() async throws {
        let service = try Service.current
        let alice = try await service.client("alice", "watch")
        try await service.subscribe(alice, to: "kai", "lea")
        let speaker = try await service.speaker()
        let topic = "presence/request/kai/desk/publish"
        try await speaker.subscribe("presence/response/kai/desk")
        var answers: [JSONValue] = []
        for _ in 1...2 {
            try await speaker.publish(topic, #"{"description":"same"}"#)
            answers.append(try await speaker.expect("presence/response/kai/desk").json)
        }
        #expect(answers.first?["result"]?["description"] == .string("same"))
        #expect(answers.first == answers.last)
        try await service.bringOnline(["lea"])
        let events = try await alice.events { $0["username"] == .string("lea") }
        #expect(events.texts("username") == ["kai", "lea"])
    }

    @Test("1,024 bytes are allowed, one more is not; bytes count and not characters")
    func longest() async throws {
        let service = try Service.current
        let hal = try await service.client("hal")
        let longest = String(repeating: "é", count: 512)
        for (text, code) in [(longest, nil), (longest + "x", "invalid_description")] {
            let payload = #"{"description":"\#(text)"}"#
            #expect(try await service.errorCode(hal, "publish", payload) == code)
        }
        for expiry in ["0", "2592001"] {
            let payload = #"{"description":"x","expiry":\#(expiry)}"#
            #expect(try await service.errorCode(hal, "publish", payload) == "invalid_expiry")
        }
        let payload = #"{"description":"x","expiry":2592000}"#
        #expect(try await service.errorCode(hal, "publish", payload) == nil)
    }
}
