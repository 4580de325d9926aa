import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("subscriptions", .service(["allow_subscribe_all": "dave"]))
struct SubscriptionsTests {
    @Test("They are sorted by the bytes of the username, in pages with a number")
    func pages() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let names = (1...25).map { "u\($0)" } + ["Z", "a", "é", "\u{1F30A}"]
        let result = try await service.result(
            alice,
            "subscribe",
            #"{"usernames":\#(names.shuffled().json),"expiry":1000}"#
        )
        let expires = try #require(result["subscribed"]?[0]?["expires"]?.integer)
        let sorted = names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        var listed: [String] = []
        for page in 0...3 {
            let result = try await service.result(
                alice,
                "subscriptions",
                #"{"pageNum":\#(page),"pageSize":10}"#
            )
            #expect(result.object?.keys == ["total", "pageNum", "pageSize", "subscriptions"])
            #expect(result["total"] == .integer(29))
            #expect(result["pageNum"] == .integer(Int64(page)))
            #expect(result["pageSize"] == .integer(10))
            #expect(result["subscriptions"]?.array?.count == [10, 10, 9, 0][page])
            listed += try #require(result["subscriptions"]?.texts("username"))
        }
        #expect(listed == sorted)
        let first = try await service.result(alice, "subscriptions")
        #expect(first["pageNum"] == .integer(0))
        #expect(first["pageSize"] == .integer(50))
        #expect(
            first["subscriptions"]?[0]
                == (try .text(#"{"username":"Z","expires":\#(expires)}"#))
        )
    }

    @Test("A user without any has an empty list, and so has a page far behind the last")
    func empty() async throws {
        let service = try Service.current
        let bob = try await service.client("bob")
        let none = try await service.result(bob, "subscriptions", #"{"pageSize":1}"#)
        let expected = #"{"total":0,"pageNum":0,"pageSize":1,"subscriptions":[]}"#
        #expect(none == (try .text(expected)))
        let far = try await service.result(
            bob,
            "subscriptions",
            #"{"pageNum":9223372036854775807,"pageSize":500}"#
        )
        #expect(far["subscriptions"] == .array([]))
    }

    @Test("A page size is 1 to 500, a page number 0 or more")
    func bounds() async throws {
        let service = try Service.current
        let carol = try await service.client("carol")
        for (payload, code) in [
            (#"{"pageSize":1}"#, nil), (#"{"pageSize":500}"#, nil),
            (#"{"pageSize":0}"#, "invalid_page"), (#"{"pageSize":501}"#, "invalid_page"),
            (#"{"pageNum":-1}"#, "invalid_page"), (#"{"pageNum":"0"}"#, "malformed_request"),
        ] as [(String, String?)] {
            #expect(try await service.errorCode(carol, "subscriptions", payload) == code)
        }
    }

    @Test("The subscription to everyone stands beside them and is not counted")
    func all() async throws {
        let service = try Service.current
        let dave = try await service.client("dave")
        try await service.subscribe(dave, to: "x")
        let result = try await service.result(dave, "subscribe", #"{"all":true,"expiry":60}"#)
        let list = try await service.result(dave, "subscriptions")
        #expect(list["total"] == .integer(1))
        #expect(list["all"] == result["all"])
        #expect(list["subscriptions"]?.texts("username") == ["x"])
    }
}
