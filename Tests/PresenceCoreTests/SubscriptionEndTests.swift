import Presence
import Testing

@testable import PresenceCore

@Suite("The end of a subscription")
struct SubscriptionEndTests {
    private var limits: Limits {
        var limits = Caller.limits
        limits.eventInterval = .seconds(10)
        limits.allowSubscribeAll = .everyone
        return limits
    }

    @Test("What was pending before the notice is told before it, as it was then")
    func pendingFirst() {
        var caller = Caller(limits)
        caller.subscribe("a", ["b", "c"], expiry: 5)
        caller.state("c")
        caller.state("b", "away")
        caller.pass(5_000)
        caller.state("b", "busy")
        #expect(caller.pass(5_000).told("a") == ["b:away", "b!expired", "c!expired"])
    }

    @Test("A change that comes due with the end does not show in the status before it")
    func frozenAsSealed() {
        var caller = Caller(limits)
        caller.subscribe("a", ["b", "c"], expiry: 5)
        caller.state("c")
        caller.state("b", "away")
        caller.pass(1_500)
        caller.state("b", "lost")
        // The grace and the subscription end between two turns.
        caller.now = caller.now.advanced(by: .seconds(3) + .milliseconds(500))
        let messages = (caller.turn() + caller.pass(10_000)).messages(to: "a").joined()
        #expect(messages.contains(#""devices":{"phone":"away"}"#))
        #expect(!messages.contains(#""devices":{}"#))
    }

    @Test("Subscriptions that end together are told by their end, then by name")
    func order() {
        var caller = Caller(limits)
        caller.subscribe("a", ["z", "b"], expiry: 3)
        caller.subscribe("a", ["m"], expiry: 2)
        caller.now = caller.now.advanced(by: .seconds(3))
        #expect(caller.turn().told("a") == ["m!expired", "b!expired", "z!expired"])
    }

    @Test("The subscription to everyone ends with a notice of its own, and what was pending stays")
    func everyone() {
        var caller = Caller(limits)
        _ = caller.ask("a", "subscribe", #"{"all":true,"expiry":5}"#)
        caller.state("c")
        caller.state("b", "away")
        caller.pass(5_000)
        caller.state("b", "busy")
        #expect(caller.pass(10_000).told("a") == ["b:away", "*!expired"])
    }

    @Test("While everyone is watched, the end of one by name leaves its events to come")
    func named() {
        var caller = Caller(limits)
        _ = caller.ask("a", "subscribe", #"{"all":true}"#)
        caller.subscribe("a", ["b"], expiry: 5)
        caller.state("c")
        caller.state("b", "away")
        caller.pass(5_000)
        caller.state("b", "busy")
        #expect(caller.pass(5_000).told("a") == ["b!expired", "b:busy"])
    }

    @Test("A watcher of whom nothing else is known is told of the end of its last subscription")
    func lastOne() {
        var caller = Caller(limits)
        caller.state("b")
        caller.subscribe("a", ["b"], expiry: 5)
        #expect(caller.state("b", "away").told("a") == ["b:away"])
        #expect(caller.pass(5_000).told("a") == [])
        #expect(caller.pass(10_000).told("a") == ["b!expired"])
        caller.pass(10_000)
        #expect(caller.core.names.id(of: Name(checked: "a")) == nil)
    }

    @Test("After a restart of the bridge subscriptions end when they should")
    func restored() {
        let second: Int64 = 1_700_000_000
        var caller = Caller(
            restoring: [
                .putUser(UserRecord(id: 1, name: Name(checked: "a"))),
                .putUser(UserRecord(id: 2, name: Name(checked: "b"))),
                .putUser(UserRecord(id: 3, name: Name(checked: "c"))),
                .putSubscription(SubscriptionRecord(watcher: 1, user: 2, expires: second + 5)),
                .putSubscription(SubscriptionRecord(watcher: 1, user: 3, expires: second - 5)),
            ]
        )
        #expect(caller.core.metrics.subscriptions == 1)
        #expect(caller.pass(5_000).told("a") == ["b!expired"])
    }

    @Test("A wall clock that goes back lets a subscription last longer, never shorter")
    func clockStep() {
        var caller = Caller()
        caller.subscribe("a", ["b"], expiry: 5)
        caller.now.unix -= 3_000
        #expect(caller.pass(5_000).told("a") == [])
        #expect(caller.pass(3_000).told("a") == ["b!expired"])
    }

    @Test("An end that is still to be told is overtaken by a new subscription")
    func overtaken() {
        var limits = Limits()
        limits.auditInterval = .zero
        limits.eventInterval = .seconds(2)
        limits.maxSubscriptions = 2
        var caller = Caller(limits)
        caller.subscribe("a", ["b"], expiry: 1)
        caller.pass(500)
        caller.state("b")
        caller.pass(550)
        // b has expired, and c evicts d while events are collected.
        caller.subscribe("a", ["b"], expiry: 500)
        caller.subscribe("a", ["d"], expiry: 10)
        caller.subscribe("a", ["c"], expiry: 600)
        caller.subscribe("a", ["d"], expiry: 700)
        let told = caller.pass(2_000).told("a")
        #expect(told == ["b!evicted"])
    }

    @Test("What was collected before a subscription gave way is told though it begins again")
    func collected() {
        var limits = Limits()
        limits.auditInterval = .zero
        limits.eventInterval = .seconds(2)
        limits.maxSubscriptions = 1
        var caller = Caller(limits)
        caller.subscribe("a", ["b"], expiry: 10)
        caller.state("b")
        caller.pass(500)
        caller.state("b", "away")
        caller.subscribe("a", ["c"], expiry: 100)
        caller.subscribe("a", ["b"], expiry: 1_000)
        caller.subscribe("a", ["c"], expiry: 10_000)
        #expect(caller.pass(2_000).told("a") == ["b:away", "b!evicted"])
    }

    @Test("What was collected of a user who is forgotten with the subscription is not told")
    func forgotten() {
        var limits = Caller.limits
        limits.forgetAfter = .seconds(4)
        var caller = Caller(limits)
        caller.subscribe("a", ["b"], expiry: 5)
        _ = caller.result("b", "publish", #"{"description":"x"}"#)
        _ = caller.result("b", "publish", #"{"description":"y"}"#)
        caller.now = caller.now.advanced(by: .seconds(10))
        #expect(caller.turn().told("a") == ["b!expired"])
    }
}
