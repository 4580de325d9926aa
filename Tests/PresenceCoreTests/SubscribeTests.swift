import Presence
import Testing

@testable import PresenceCore

@Suite("subscribe")
struct SubscribeTests {
    private func short(_ limit: Int) -> Limits {
        var limits = Caller.limits
        limits.maxSubscriptions = limit
        return limits
    }

    @Test("The result has each status with the end of its subscription")
    func exactResult() {
        var caller = Caller()
        caller.state("bob", "away")
        caller.now = caller.now.advanced(by: .milliseconds(1))
        let answer = caller.ask(
            "alice",
            "subscribe",
            #"{"id":7,"usernames":["carol","bob"],"expiry":60}"#
        )
        // The time of the request is rounded up.
        #expect(
            answer == #"{"id":7,"operation":"subscribe","result":{"subscribed":["#
                + #"{"username":"carol","online":false,"status":"offline","description":"","#
                + #""devices":{},"cause":null,"since":null,"updated":null,"seq":0,"#
                + #""expires":1700000061},"#
                + #"{"username":"bob","online":true,"status":"away","description":"","#
                + #""devices":{"phone":"away"},"cause":null,"since":1700000000,"#
                + #""updated":1700000000,"seq":1700000000000,"expires":1700000061}],"#
                + #""evicted":[],"rejected":[]}}"#
        )
    }

    @Test("On the second, the end is the second plus the expiry; by default seven days")
    func wholeSecond() {
        var caller = Caller()
        #expect(
            caller.ask("a", "subscribe", #"{"usernames":["b"]}"#)
                .contains(#""expires":1700604800}"#)
        )
    }

    @Test("An expiry is 1 to 2,592,000", arguments: [0, -1, 2_592_001, Int.max, Int.min])
    func expiryBounds(_ expiry: Int) {
        var caller = Caller()
        let request = #"{"usernames":["b"],"expiry":\#(expiry)}"#
        #expect(caller.code("a", "subscribe", request) == "invalid_expiry")
        #expect(caller.core.metrics.subscriptions == 0)
        for allowed in [1, 2_592_000] {
            let request = #"{"usernames":["b"],"expiry":\#(allowed)}"#
            #expect(
                caller.ask("a", "subscribe", request).contains(
                    "\"expires\":\(1_700_000_000 + allowed)}"
                )
            )
        }
    }

    @Test("One request names 100 users at most, duplicates aside")
    func usernames() {
        var caller = Caller()
        let names = (1...101).map { "\"u\($0)\"" }
        let many = "{\"usernames\":[\(names.joined(separator: ","))]}"
        #expect(caller.code("a", "subscribe", many) == "too_many_users")
        let twice = names.dropLast() + names.dropLast()
        let fine = "{\"usernames\":[\(twice.joined(separator: ","))]}"
        #expect(caller.result("a", "subscribe", fine).names("subscribed").count == 100)
        #expect(caller.core.metrics.subscriptions == 100)
    }

    @Test("Subscribing again resets the duration, to a shorter one too, and takes no place")
    func renewal() {
        var caller = Caller(short(2))
        caller.subscribe("a", ["b", "c"], expiry: 1_000)
        caller.subscribe("a", ["b"], expiry: 10)
        let list = caller.ask("a", "subscriptions")
        #expect(list.contains(#"{"username":"b","expires":1700000010}"#))
        #expect(list.contains(#"{"username":"c","expires":1700001000}"#))
        #expect(caller.pass(10_000).told("a") == ["b!expired"])
    }

    @Test("Past the limit the one with least time left gives way, of equals the smaller name")
    func replacement() {
        var caller = Caller(short(3))
        caller.subscribe("a", ["z", "m"], expiry: 100)
        caller.subscribe("a", ["k"], expiry: 50)
        let first = caller.result("a", "subscribe", #"{"usernames":["n1","n2"],"expiry":101}"#)
        #expect(first.strings("evicted") == ["k", "m"])
        #expect(first.names("subscribed") == ["n1", "n2"])
        #expect(first.strings("rejected") == [])
        #expect(caller.result("a", "subscriptions").names("subscriptions") == ["n1", "n2", "z"])
    }

    @Test("A new one that does not strictly outlast any is rejected; alone it is an error")
    func rejection() {
        var caller = Caller(short(2))
        caller.subscribe("a", ["b", "c"], expiry: 100)
        let refused = caller.code("a", "subscribe", #"{"usernames":["d","e"],"expiry":100}"#)
        #expect(refused == "limit_exceeded")
        let mixed = caller.result("a", "subscribe", #"{"usernames":["d","b","e"],"expiry":100}"#)
        #expect(mixed.names("subscribed") == ["b"])
        #expect(mixed.strings("rejected") == ["d", "e"])
        #expect(mixed.strings("evicted") == [])
    }

    @Test("Renewals are done first, so that none of them gives way to a new one")
    func renewalsFirst() {
        var caller = Caller(short(2))
        caller.subscribe("a", ["b", "c"], expiry: 10)
        let result = caller.result("a", "subscribe", #"{"usernames":["d","e","b"],"expiry":20}"#)
        #expect(result.names("subscribed") == ["d", "b"])
        #expect(result.strings("evicted") == ["c"])
        #expect(result.strings("rejected") == ["e"])
    }

    @Test("Whoever is evicted is told so before the answer")
    func evictionNotice() {
        var caller = Caller(short(1))
        caller.subscribe("a", ["b"], expiry: 10)
        let effects = caller.turn([.asks("a", "subscribe", #"{"usernames":["c"],"expiry":20}"#)])
        #expect(effects.messages(to: "a") == [#"[{"username":"b","subscription":"evicted"}]"#])
        let notice = effects.firstIndex { if case .notify = $0 { true } else { false } }
        let reply = effects.firstIndex { if case .reply = $0 { true } else { false } }
        #expect((notice ?? .max) < (reply ?? .min))
        #expect(effects.saves.contains { if case .removeSubscription = $0 { true } else { false } })
        #expect(caller.state("b").messages(to: "a") == [])
    }

    @Test("Of two things in one turn, what changed before a subscription gave way is told before")
    func evictedInTheTurn() {
        let subscribe = Input.asks("a", "subscribe", #"{"usernames":["c"],"expiry":20}"#)
        let publish = Input.asks("b", "publish", #"{"description":"x"}"#)
        for (inputs, told) in [
            ([subscribe, .says("b", "busy")], ["b:busy", "b!evicted"]),
            ([publish, subscribe], ["b:online", "b!evicted"]),
            ([subscribe, publish], ["b!evicted"]),
        ] {
            var caller = Caller(short(1))
            caller.state("b")
            caller.subscribe("a", ["b"], expiry: 10)
            #expect(caller.turn(inputs).told("a") == told)
        }
    }

    @Test("There are 3,000 places, and one more replaces or is rejected")
    func threeThousand() {
        var caller = Caller()
        caller.subscribe("a", (0..<3_000).map { "u\($0 + 10_000)" }, expiry: 600)
        #expect(caller.core.metrics.subscriptions == 3_000)
        caller.pass(1_000)
        #expect(
            caller.code("a", "subscribe", #"{"usernames":["x"],"expiry":599}"#)
                == "limit_exceeded"
        )
        let result = caller.result("a", "subscribe", #"{"usernames":["x"],"expiry":600}"#)
        #expect(result.strings("evicted") == ["u10000"])
        #expect(caller.core.metrics.subscriptions == 3_000)
    }

    @Test("A user with all its watchers takes no new one, and nothing is replaced for it")
    func maxWatchers() {
        var limits = short(1)
        limits.maxWatchers = 1
        var caller = Caller(limits)
        caller.subscribe("w", ["star"])
        caller.subscribe("a", ["b"], expiry: 10)
        let payload = #"{"usernames":["star"],"expiry":1000}"#
        #expect(caller.code("a", "subscribe", payload) == "limit_exceeded")
        let mixed = caller.result("a", "subscribe", #"{"usernames":["star","b"],"expiry":10}"#)
        #expect(mixed.strings("rejected") == ["star"])
        #expect(mixed.strings("evicted") == [])
        // The watcher itself may renew.
        #expect(caller.result("w", "subscribe", payload).names("subscribed") == ["star"])
    }

    @Test("Everyone may be subscribed to by leave only")
    func subscribeAll() {
        var limits = short(2)
        limits.allowSubscribeAll = .users([Name(checked: "monitor")])
        var caller = Caller(limits)
        #expect(caller.code("a", "subscribe", #"{"all":true}"#) == "forbidden")
        #expect(
            caller.ask("monitor", "subscribe", #"{"all":true,"expiry":60}"#)
                == #"{"operation":"subscribe","result":{"subscribed":[],"#
                + #""all":{"expires":1700000060},"evicted":[],"rejected":[]}}"#
        )
        #expect(
            caller.code("monitor", "subscribe", #"{"all":true,"expiry":0}"#)
                == "invalid_expiry"
        )
        // It is never replaced by a subscription to a name.
        caller.subscribe("monitor", ["b"], expiry: 100)
        caller.subscribe("monitor", ["c"], expiry: 200)
        caller.pass(100)
        #expect(caller.state("x").told("monitor") == ["x:online"])
    }

    @Test("The subscription to everyone takes one of the places")
    func subscribeAllTakesAPlace() {
        var limits = short(2)
        limits.allowSubscribeAll = .everyone
        var caller = Caller(limits)
        caller.subscribe("a", ["b", "c"], expiry: 100)
        #expect(caller.code("a", "subscribe", #"{"all":true}"#) == "limit_exceeded")
        _ = caller.ask("a", "unsubscribe", #"{"usernames":["c"]}"#)
        _ = caller.ask("a", "subscribe", #"{"all":true,"expiry":50}"#)
        #expect(
            caller.code("a", "subscribe", #"{"usernames":["c"],"expiry":99}"#) == "limit_exceeded"
        )
        #expect(caller.ask("a", "subscribe", #"{"all":true,"expiry":60}"#).contains("expires"))
    }

    @Test("A subscription has ended when its second begins")
    func ends() {
        var caller = Caller()
        caller.subscribe("a", ["b"], expiry: 1)
        #expect(caller.pass(999).told("a") == [])
        #expect(caller.pass(1).told("a") == ["b!expired"])
        #expect(caller.state("b").told("a") == [])
        #expect(caller.core.metrics.subscriptions == 0)
    }

    @Test("What is acknowledged is stored in the same turn, rows of users first")
    func stored() {
        var caller = Caller()
        let saves = caller.turn([.asks("a", "subscribe", #"{"usernames":["b"]}"#)]).saves
        #expect(
            saves == [
                .putUser(UserRecord(id: 1, name: Name(checked: "a"))),
                .putUser(UserRecord(id: 2, name: Name(checked: "b"))),
                .putSubscription(SubscriptionRecord(watcher: 1, user: 2, expires: 1_700_604_800)),
            ]
        )
    }
}
