import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("unsubscribe", .service(["allow_subscribe_all": "true"], users: ["erin"]))
struct UnsubscribeTests {
    @Test("It answers those that there were, in the order given, and leaves the others")
    func named() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "a", "b", "c")
        let result = try await service.result(
            alice,
            "unsubscribe",
            #"{"usernames":["c","never","a","c"]}"#
        )
        #expect(result == (try .text(#"{"unsubscribed":["c","a"]}"#)))
        let list = try await service.result(alice, "subscriptions")
        #expect(list["subscriptions"]?.texts("username") == ["b"])

        let again = try await service.result(alice, "unsubscribe", #"{"usernames":["a"]}"#)
        #expect(again == (try .text(#"{"unsubscribed":[]}"#)))
    }

    @Test("With all every subscription ends, the one to everyone too")
    func everything() async throws {
        let service = try Service.current
        let bob = try await service.client("bob")
        try await service.subscribe(bob, to: "b", "Z", "a")
        let single = try await service.result(bob, "unsubscribe", #"{"all":true}"#)
        #expect(single == (try .text(#"{"unsubscribed":["Z","a","b"]}"#)))

        try await service.subscribe(bob, to: "b", "a")
        _ = try await service.result(bob, "subscribe", #"{"all":true}"#)
        let both = try await service.result(bob, "unsubscribe", #"{"all":true}"#)
        #expect(both == (try .text(#"{"unsubscribed":["a","b"],"all":true}"#)))
        let list = try await service.result(bob, "subscriptions")
        #expect(list["total"] == .integer(0))
        #expect(list["all"] == nil)
    }

    @Test("No event of those users follows the answer")
    func silence() async throws {
        let service = try Service.current
        let carol = try await service.client("carol")
        try await service.subscribe(carol, to: "goes", "stays")
        try await service.bringOnline(["goes"])
        #expect(try await carol.events().texts("username") == ["goes"])
        // This change is collected, since the last event is recent; the end takes it away.
        let speaker = try await service.speaker()
        try await speaker.publish("presence/device/goes/desk", "busy", retain: true)
        try await service.status(of: "goes", is: "busy")
        _ = try await service.result(carol, "unsubscribe", #"{"usernames":["goes"]}"#)
        // A slow machine may have sent it before the answer, which is allowed.
        _ = carol.takeMessages()
        try await speaker.publish("presence/device/goes/desk", "dnd", retain: true)
        try await service.bringOnline(["stays"])
        #expect(try await carol.events().texts("username") == ["stays"])
    }

    @Test("Events of a user go on while the subscription to everyone holds")
    func whileAllHolds() async throws {
        let service = try Service.current
        let dave = try await service.client("dave")
        try await service.subscribe(dave, to: "mia")
        _ = try await service.result(dave, "subscribe", #"{"all":true}"#)
        let result = try await service.result(dave, "unsubscribe", #"{"usernames":["mia"]}"#)
        #expect(result == (try .text(#"{"unsubscribed":["mia"]}"#)))
        try await service.bringOnline(["mia"])
        _ = try await dave.events { $0["username"] == .string("mia") }
    }

    @Test("100 usernames are allowed, a 101st is not, and then nothing ends")
    func usernames() async throws {
        let service = try Service.current
        let erin = try await service.client("erin")
        let names = (0...100).map { "u\(1_000 + $0)" }
        let hundred = #"{"usernames":\#(names.prefix(100).map(\.self).json)}"#
        _ = try await service.result(erin, "subscribe", hundred)
        let tooMany = #"{"usernames":\#(names.json)}"#
        #expect(try await service.errorCode(erin, "unsubscribe", tooMany) == "too_many_users")
        #expect(try await service.result(erin, "subscriptions")["total"] == .integer(100))
        let result = try await service.result(erin, "unsubscribe", hundred)
        #expect(result["unsubscribed"]?.strings == Array(names.prefix(100)))
    }
}
