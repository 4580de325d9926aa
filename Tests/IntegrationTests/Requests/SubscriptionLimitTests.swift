import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("subscribe at its limits")
struct SubscriptionLimitTests {
    /// Subscribes and returns the result.
    private func subscribe(
        _ client: TestClient,
        _ names: [String],
        _ expiry: Int
    ) async throws -> JSONValue {
        try await Service.current.result(
            client,
            "subscribe",
            #"{"usernames":\#(names.json),"expiry":\#(expiry)}"#
        )
    }

    @Test(
        "Past 3,000 the one with the least time left gives way to a longer one and to no other",
        .service()
    )
    func replacement() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let names = (0..<3_000).map { "u\(10_000 + $0)" }
        for start in stride(from: 0, to: 3_000, by: 100) {
            _ = try await subscribe(alice, Array(names[start..<start + 100]), 1_000_000)
        }
        // Two that have less time left than the others; of equals the smaller name goes first.
        _ = try await subscribe(alice, ["u12000", "u11000"], 1_000)

        let shorter = try await service.errorCode(
            alice,
            "subscribe",
            #"{"usernames":["short"],"expiry":900}"#
        )
        #expect(shorter == "limit_exceeded")
        #expect(alice.takeMessages().isEmpty)

        let longer = try await subscribe(alice, ["long"], 2_000)
        #expect(longer["subscribed"]?.texts("username") == ["long"])
        #expect(longer["evicted"]?.strings == ["u11000"])
        #expect(longer["rejected"]?.strings == [])
        let evicted = try JSONValue.text(#"{"username":"u11000","subscription":"evicted"}"#)
        #expect(try await alice.events() == [evicted])

        // Those with 1,000 and 2,000 seconds give way; the renewal has then the least time left,
        // and equal is not longer.
        let mixed = try await subscribe(alice, ["a", "b", "u12999", "c"], 500_000)
        #expect(mixed["subscribed"]?.texts("username") == ["a", "b", "u12999"])
        #expect(mixed["evicted"]?.strings == ["u12000", "long"])
        #expect(mixed["rejected"]?.strings == ["c"])
    }

    @Test(
        "A renewal is done first, is never rejected, and may make itself the next to go",
        .service(["max_subscriptions": "3"])
    )
    func renewalFirst() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        _ = try await subscribe(alice, ["a", "b", "c"], 1_000)
        let renewed = try await subscribe(alice, ["c"], 10)
        #expect(renewed["rejected"]?.strings == [])

        // "d" stands before "a", and is yet decided after it.
        let both = try await subscribe(alice, ["d", "a"], 500)
        #expect(both["subscribed"]?.texts("username") == ["d", "a"])
        #expect(both["evicted"]?.strings == ["c"])

        // Equal is not longer.
        let before = try await service.result(alice, "subscriptions")
        #expect(before["subscriptions"]?.texts("username") == ["a", "b", "d"])
        let code = try await service.errorCode(
            alice,
            "subscribe",
            #"{"usernames":["e"],"expiry":1}"#
        )
        #expect(code == "limit_exceeded")
        #expect(try await service.result(alice, "subscriptions") == before)
    }

    @Test(
        "A user has max_watchers at most; a further one is rejected before anything is replaced",
        .service(["max_watchers": "2", "max_subscriptions": "2"])
    )
    func watchers() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let bob = try await service.client("bob")
        let carol = try await service.client("carol")
        _ = try await subscribe(alice, ["star"], 1_000)
        _ = try await subscribe(bob, ["star"], 1_000)
        _ = try await subscribe(carol, ["x", "y"], 10)

        let alone = #"{"usernames":["star"],"expiry":1000}"#
        #expect(try await service.errorCode(carol, "subscribe", alone) == "limit_exceeded")
        let mixed = try await subscribe(carol, ["star", "z"], 1_000)
        #expect(mixed["rejected"]?.strings == ["star"])
        #expect(mixed["subscribed"]?.texts("username") == ["z"])
        #expect(mixed["evicted"]?.strings == ["x"])

        // Whoever is among the watchers may stay, and makes room by going.
        #expect(try await subscribe(alice, ["star"], 2_000)["rejected"]?.strings == [])
        _ = try await service.result(bob, "unsubscribe", #"{"usernames":["star"]}"#)
        #expect(try await subscribe(carol, ["star"], 2_000)["rejected"]?.strings == [])
    }
}
