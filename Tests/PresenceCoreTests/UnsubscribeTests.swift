import Presence
import Testing

@testable import PresenceCore

@Suite("unsubscribe")
struct UnsubscribeTests {
    private var limits: Limits {
        var limits = Caller.limits
        limits.allowSubscribeAll = .everyone
        return limits
    }

    @Test("Those that there were are listed in the order given")
    func order() {
        var caller = Caller()
        caller.subscribe("a", ["b", "c", "d"])
        #expect(
            caller.ask("a", "unsubscribe", #"{"id":"x","usernames":["d","x","b","d"]}"#)
                == #"{"id":"x","operation":"unsubscribe","result":{"unsubscribed":["d","b"]}}"#
        )
        #expect(caller.result("a", "subscriptions").names("subscriptions") == ["c"])
        #expect(
            caller.result("a", "unsubscribe", #"{"usernames":["d"]}"#).strings("unsubscribed")
                == []
        )
    }

    @Test("For all they are sorted, and the one to everyone is named if it was there")
    func all() {
        var caller = Caller(limits)
        caller.subscribe("a", ["d", "b", "c"])
        #expect(
            caller.ask("a", "unsubscribe", #"{"all":true}"#)
                == #"{"operation":"unsubscribe","result":{"unsubscribed":["b","c","d"]}}"#
        )
        _ = caller.ask("a", "subscribe", #"{"all":true}"#)
        #expect(
            caller.ask("a", "unsubscribe", #"{"all":true}"#)
                == #"{"operation":"unsubscribe","result":{"unsubscribed":[],"all":true}}"#
        )
        #expect(
            caller.ask("a", "unsubscribe", #"{"all":true}"#)
                == #"{"operation":"unsubscribe","result":{"unsubscribed":[]}}"#
        )
        #expect(caller.core.metrics.subscriptions == 0)
    }

    @Test("No event of those users follows the answer, neither collected nor new")
    func silence() {
        var caller = Caller()
        caller.subscribe("a", ["b", "c"])
        caller.state("b")
        caller.state("b", "away")
        caller.state("c", "away")
        _ = caller.ask("a", "unsubscribe", #"{"usernames":["b"]}"#)
        caller.state("b", "busy")
        #expect(caller.pass(1_000).told("a") == ["c:away"])
    }

    @Test("Not even what was pending when an earlier subscription to it ended")
    func silenceAfterTheEnd() {
        var limits = limits
        limits.eventInterval = .seconds(10)
        var caller = Caller(limits)
        caller.subscribe("a", ["b", "c"], expiry: 5)
        caller.state("b")
        caller.state("b", "away")
        caller.pass(5_000)
        caller.subscribe("a", ["b"])
        _ = caller.ask("a", "unsubscribe", #"{"usernames":["b"]}"#)
        #expect(caller.pass(10_000).told("a") == ["c!expired"])
    }

    @Test("After all of them, nothing collected follows")
    func silenceAfterAll() {
        var caller = Caller(limits)
        caller.subscribe("a", ["b"])
        _ = caller.ask("a", "subscribe", #"{"all":true}"#)
        caller.state("b")
        caller.state("b", "away")
        caller.state("c", "away")
        _ = caller.ask("a", "unsubscribe", #"{"all":true}"#)
        #expect(caller.pass(1_000).told("a") == [])
        #expect(caller.state("b", "busy").told("a") == [])
    }

    @Test("While everyone is watched, events of those users follow")
    func everyoneHolds() {
        var caller = Caller(limits)
        caller.subscribe("a", ["b"])
        _ = caller.ask("a", "subscribe", #"{"all":true}"#)
        caller.state("b")
        caller.state("b", "away")
        _ = caller.ask("a", "unsubscribe", #"{"usernames":["b"]}"#)
        #expect(caller.pass(1_000).told("a") == ["b:away"])
    }

    @Test("A change of the same turn is not told")
    func sameTurn() {
        var caller = Caller()
        caller.subscribe("a", ["b"])
        let effects = caller.turn([
            .says("b", "online"), .asks("a", "unsubscribe", #"{"usernames":["b"]}"#),
        ])
        #expect(effects.told("a") == [])
    }

    @Test("What is acknowledged is stored, and the names that nothing refers to are dropped")
    func stored() {
        var caller = Caller()
        caller.subscribe("a", ["b"])
        let saves = caller.turn([.asks("a", "unsubscribe", #"{"usernames":["b"]}"#)]).saves
        #expect(saves == [.removeSubscription(watcher: 1, user: 2)])
        #expect(caller.pass(1).saves == [.removeUser(1), .removeUser(2)])
        #expect(caller.core.names.count == 0)
    }
}
