import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("subscribe to everyone", .service(["allow_subscribe_all": "alice,bob,carol"]))
struct SubscribeAllTests {
    @Test("It needs the operator's leave, and the operator names who has it")
    func leave() async throws {
        let service = try Service.current
        let dave = try await service.client("dave")
        #expect(try await service.errorCode(dave, "subscribe", #"{"all":true}"#) == "forbidden")

        let alice = try await service.client("alice")
        let before = nextSecond
        let result = try await service.result(alice, "subscribe", #"{"all":true,"expiry":60}"#)
        #expect(result.object?.keys == ["subscribed", "all", "evicted", "rejected"])
        let expires = try #require(result["all"]?["expires"]?.integer)
        #expect((before + 60...nextSecond + 60).contains(expires))
        for key in ["subscribed", "evicted", "rejected"] { #expect(result[key] == .array([])) }
        let list = try await service.result(alice, "subscriptions")
        #expect(list["total"] == .integer(0))
        #expect(list["all"]?["expires"] == .integer(expires))
    }

    @Test("Without the operator's leave it is forbidden to everyone", .service())
    func forbiddenByDefault() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        #expect(try await service.errorCode(alice, "subscribe", #"{"all":true}"#) == "forbidden")
    }

    @Test("A user watched by name and as one of all is told of once")
    func once() async throws {
        let service = try Service.current
        let bob = try await service.client("bob")
        _ = try await service.result(bob, "subscribe", #"{"all":true}"#)
        try await service.subscribe(bob, to: "once1")
        try await service.bringOnline(["once1", "once2"])
        let events = try await bob.events { $0["username"] == .string("once2") }
        let told = events.texts("username")?.filter { $0.hasPrefix("once") }
        #expect(told == ["once1", "once2"])
    }

    @Test("It ends with an event of its own, and single subscriptions stay")
    func expired() async throws {
        let service = try Service.current
        let carol = try await service.client("carol")
        try await service.subscribe(carol, to: "stays")
        _ = try await service.result(carol, "subscribe", #"{"all":true,"expiry":1}"#)
        let end = try JSONValue.text(#"{"all":true,"subscription":"expired"}"#)
        _ = try await carol.events { $0 == end }
        let list = try await service.result(carol, "subscriptions")
        #expect(list["all"] == nil)
        #expect(list["total"] == .integer(1))
        try await service.bringOnline(["goes", "stays"])
        #expect(try await carol.events().texts("username") == ["stays"])
    }
}
