import Presence
import Testing

@testable import PresenceCore

@Suite("When the store does not accept writes")
struct StoreFailureTests {
    @Test("A change is refused as unavailable and undone; the same request works afterwards")
    func subscribeUndone() {
        var caller = Caller()
        caller.storeFailure = "disk full"
        let effects = caller.turn([.asks("a", "subscribe", #"{"id":1,"usernames":["b"]}"#)])
        #expect(effects.errorCodes == ["unavailable"])
        #expect(
            effects.logs == ["the store does not accept writes: disk full; trying again"]
        )
        #expect(caller.core.metrics.subscriptions == 0)
        #expect(caller.core.names.count == 0)
        caller.storeFailure = nil
        caller.pass(1_000)
        #expect(
            caller.result("a", "subscribe", #"{"usernames":["b"]}"#).names("subscribed") == ["b"]
        )
    }

    @Test("Evictions and renewals are undone, and nobody is told of them")
    func evictionUndone() {
        var limits = Caller.limits
        limits.maxSubscriptions = 2
        var caller = Caller(limits)
        caller.subscribe("a", ["b", "c"], expiry: 10)
        let before = caller.ask("a", "subscriptions")
        caller.storeFailure = "no"
        let effects = caller.turn([
            .asks("a", "subscribe", #"{"usernames":["d","b"],"expiry":20}"#)
        ])
        #expect(effects.errorCodes == ["unavailable"])
        #expect(effects.messages(to: "a") == [])
        #expect(caller.ask("a", "subscriptions") == before)
        #expect(caller.pass(10_000).told("a") == ["b!expired", "c!expired"])
    }

    @Test("A description is undone with its number, its time and its watchers' events")
    func publishUndone() {
        var caller = Caller()
        caller.state("b")
        caller.subscribe("a", ["b"])
        let before = caller.ask("c", "get", #"{"usernames":["b"]}"#)
        caller.now = caller.now.advanced(by: .seconds(5))
        caller.storeFailure = "no"
        let effects = caller.turn([.asks("b", "publish", #"{"description":"x","expiry":9}"#)])
        #expect(effects.errorCodes == ["unavailable"])
        #expect(effects.messages(to: "a") == [])
        #expect(effects.retained == [])
        #expect(caller.ask("c", "get", #"{"usernames":["b"]}"#) == before)
        caller.storeFailure = nil
        #expect(caller.pass(20_000).messages(to: "a") == [])
    }

    @Test("What was read in the turn is read again after the undoing")
    func readsAgain() {
        var caller = Caller()
        caller.storeFailure = "no"
        let effects = caller.turn([
            .asks("a", "subscribe", #"{"usernames":["b"]}"#),
            .asks("a", "subscriptions"),
            .asks("a", "publish", #"{"description":"x"}"#),
            .asks("c", "get", #"{"usernames":["a"]}"#),
        ])
        #expect(effects.errorCodes == ["unavailable", "unavailable"])
        let answers = effects.replies.map { String(decoding: $0.payload, as: UTF8.self) }
        #expect(answers.count == 4)
        #expect(answers[1].contains(#""total":0"#))
        #expect(answers[3].contains(#""description":"""#))
    }

    @Test("What devices say stays, is told, and is stored by the next try")
    func devicesStay() {
        var caller = Caller()
        caller.subscribe("a", ["b"])
        caller.storeFailure = "no"
        let effects = caller.state("b", "away")
        #expect(effects.told("a") == ["b:away"])
        #expect(effects.retained == ["b"])
        caller.storeFailure = nil
        let later = caller.pass(1_000)
        #expect(later.logs == ["the store accepts writes again"])
        #expect(later.saves.contains { if case .putDevice = $0 { true } else { false } })
    }

    @Test("The store is tried once a second, and its failure is logged once")
    func retries() {
        var caller = Caller()
        caller.storeFailure = "no"
        var effects = caller.state("b")
        effects += caller.state("b", "away")
        #expect(!caller.state("b", "busy").contains { if case .save = $0 { true } else { false } })
        effects += caller.pass(3_500)
        #expect(effects.logs.count == 1)
        let tries = effects.saves.count { if case .putBroker = $0 { true } else { false } }
        #expect(tries == 3)
    }

    @Test("While it waits for the next try, changes are refused at once and questions answered")
    func refusesAtOnce() {
        var caller = Caller()
        caller.storeFailure = "no"
        caller.state("b")
        #expect(caller.code("a", "subscribe", #"{"usernames":["b"]}"#) == "unavailable")
        #expect(caller.code("a", "publish", #"{"description":"x"}"#) == "unavailable")
        #expect(caller.code("a", "unsubscribe", #"{"all":true}"#) == "unavailable")
        #expect(caller.code("a", "subscribe", #"{"all":true}"#) == "forbidden")
        #expect(caller.result("a", "online").strings("usernames") == ["b"])
    }

    @Test("limit_exceeded comes before unavailable")
    func precedence() {
        var limits = Caller.limits
        limits.maxSubscriptions = 1
        var caller = Caller(limits)
        caller.subscribe("a", ["b"], expiry: 100)
        caller.storeFailure = "no"
        let request = Input.asks("a", "subscribe", #"{"usernames":["c"],"expiry":10}"#)
        #expect(caller.turn([.says("x", "online"), request]).errorCodes == ["limit_exceeded"])
        #expect(caller.turn([request]).errorCodes == ["limit_exceeded"])
    }

    @Test("An event that was being collected outlives an unsubscribe that was not stored")
    func collectedEventsStay() {
        var caller = Caller()
        caller.subscribe("a", ["b"])
        caller.state("b")
        #expect(caller.state("b", "away").told("a") == [])
        caller.storeFailure = "no"
        #expect(caller.code("a", "unsubscribe", #"{"usernames":["b"]}"#) == "unavailable")
        #expect(caller.pass(100).told("a") == ["b:away"])
        caller.state("b", "busy")
        caller.state("b", "away")
        #expect(caller.code("a", "unsubscribe", #"{"all":true}"#) == "unavailable")
        #expect(caller.pass(100).told("a") == ["b:away"])
    }

    @Test("The end of a subscription is stored after all when the store accepts writes again")
    func endsAreStored() {
        var caller = Caller()
        caller.subscribe("a", ["b"], expiry: 1)
        caller.storeFailure = "no"
        #expect(caller.pass(1_000).told("a") == ["b!expired"])
        caller.storeFailure = nil
        let saves = caller.pass(3_000).saves
        #expect(saves.contains(.removeSubscription(watcher: 1, user: 2)))
        #expect(saves.contains(.removeUser(2)))
    }
}
