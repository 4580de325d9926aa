import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite(
    "subscribe",
    .service(["max_watchers": "0"], users: ["erin", "fay", "gil", "hal", "ivy", "joe", "kim"])
)
struct SubscribeTests {
    @Test("The answer has the status of each user, known or not, and when the subscription ends")
    func answer() async throws {
        let service = try Service.current
        let bob = try await service.device("bob", "phone", birth: "away")
        try await service.status(of: "bob", is: "away")
        let alice = try await service.client("alice")

        let before = nextSecond
        let result = try await service.result(
            alice,
            "subscribe",
            #"{"usernames":["nobody","bob"],"expiry":100}"#
        )
        let after = nextSecond

        #expect(result.object?.keys == ["subscribed", "evicted", "rejected"])
        #expect(result["evicted"] == .array([]))
        #expect(result["rejected"] == .array([]))
        #expect(result["subscribed"]?.texts("username") == ["nobody", "bob"])
        let known = try #require(result["subscribed"]?[1])
        #expect(known.object?.keys == statusKeys + ["expires"])
        #expect(known["online"] == .bool(true))
        #expect(known["devices"] == (try .text(#"{"phone":"away"}"#)))
        let expires = try #require(known["expires"]?.integer)
        #expect((before + 100...after + 100).contains(expires))
        #expect(
            result["subscribed"]?[0]
                == (try .text(
                    """
                    {"username":"nobody","online":false,"status":"offline","description":"",
                    "devices":{},"cause":null,"since":null,"updated":null,"seq":0,
                    "expires":\(expires)}
                    """
                ))
        )
        try await bob.state("busy")
        #expect(try await alice.events().first?["status"] == .string("busy"))
    }

    @Test("Without an expiry it lasts 7 days; 1 second and 30 days are allowed, no less, no more")
    func expiry() async throws {
        let service = try Service.current
        let carol = try await service.client("carol")
        for (text, expected) in [
            ("", 604_800), (#","expiry":1"#, 1), (#","expiry":2592000"#, 2_592_000),
        ] {
            let before = nextSecond
            let result = try await service.result(
                carol,
                "subscribe",
                #"{"usernames":["x"]\#(text)}"#
            )
            let expires = try #require(result["subscribed"]?[0]?["expires"]?.integer)
            #expect((before + Int64(expected)...nextSecond + Int64(expected)).contains(expires))
        }
        for text in ["0", "-1", "2592001", "9223372036854775808"] {
            let code = try await service.errorCode(
                carol,
                "subscribe",
                #"{"usernames":["x"],"expiry":\#(text)}"#
            )
            #expect(code == "invalid_expiry", "for \(text)")
        }
    }

    @Test("100 usernames are allowed, a 101st is not, and duplicates count once")
    func usernames() async throws {
        let service = try Service.current
        let dave = try await service.client("dave")
        let names = (1...101).map { "u\($0)" }
        let tooMany = #"{"usernames":\#(names.json)}"#
        #expect(try await service.errorCode(dave, "subscribe", tooMany) == "too_many_users")
        let list = try await service.result(dave, "subscriptions")
        #expect(list["total"] == .integer(0))

        let hundred = Array(names.prefix(100))
        let given = ["u7"] + hundred + ["u1"]
        let result = try await service.result(
            dave,
            "subscribe",
            #"{"usernames":\#(given.json)}"#
        )
        let expected = ["u7"] + hundred.filter { $0 != "u7" }
        #expect(result["subscribed"]?.texts("username") == expected)
    }

    @Test("A subscription of 1 second ends with an event, and what comes later is not told")
    func expired() async throws {
        let service = try Service.current
        let fay = try await service.device("fay", "phone")
        try await service.status(of: "fay", is: "online")
        let erin = try await service.client("erin")
        _ = try await service.result(erin, "subscribe", #"{"usernames":["fay"],"expiry":1}"#)
        try await service.subscribe(erin, to: "gil")

        let events = try await erin.events()
        #expect(events == [try .text(#"{"username":"fay","subscription":"expired"}"#)])
        let list = try await service.result(erin, "subscriptions")
        #expect(list["subscriptions"]?.texts("username") == ["gil"])

        try await fay.state("busy")
        try await service.status(of: "fay", is: "busy")
        try await service.bringOnline(["gil"])
        #expect(try await erin.events().texts("username") == ["gil"])
    }

    @Test("Subscribing again resets the duration, to a shorter one too, and takes no new place")
    func renewal() async throws {
        let service = try Service.current
        let hal = try await service.client("hal")
        for expiry in [1_000, 2_000, 500] as [Int64] {
            let before = nextSecond
            let result = try await service.result(
                hal,
                "subscribe",
                #"{"usernames":["x"],"expiry":\#(expiry)}"#
            )
            let expires = try #require(result["subscribed"]?[0]?["expires"]?.integer)
            #expect((before + expiry...nextSecond + expiry).contains(expires))
            let list = try await service.result(hal, "subscriptions")
            #expect(list["total"] == .integer(1))
            #expect(list["subscriptions"]?[0]?["expires"] == .integer(expires))
        }
    }

    @Test("A user may subscribe to itself and is told of its own devices")
    func ownUser() async throws {
        let service = try Service.current
        let ivy = try await service.client("ivy", "watch")
        try await service.subscribe(ivy, to: "ivy")
        let phone = try await service.device("ivy", "phone", birth: "dnd")
        let events = try await ivy.events()
        #expect(events.texts("username") == ["ivy"])
        #expect(events.first?["devices"] == (try .text(#"{"phone":"dnd"}"#)))
        try await phone.disconnect()
    }

    @Test("Every device of the watcher gets the event, and none of anyone else's")
    func everyDevice() async throws {
        let service = try Service.current
        let first = try await service.client("joe", "first")
        let second = try await service.client("joe", "second")
        let other = try await service.client("kim", "first")
        try await service.subscribe(first, to: "leo")
        try await service.bringOnline(["leo"])
        #expect(try await first.events().texts("username") == ["leo"])
        #expect(try await second.events().texts("username") == ["leo"])
        // Of what has happened before this answer, everything has been sent.
        _ = try await service.result(other, "subscriptions")
        #expect(other.takeMessages().isEmpty)
    }
}

extension [JSONValue] {
    /// The texts under a key; `nil` where an element has none.
    func texts(_ key: String) -> [String]? { JSONValue.array(self).texts(key) }
}
