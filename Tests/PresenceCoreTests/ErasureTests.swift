import Presence
import Testing

@testable import PresenceCore

@Suite("The erasure of a user")
struct ErasureTests {
    private var caller = Caller()

    private mutating func erase(_ user: String) -> [Effect] {
        let effects = caller.turn([.asked(Question(number: 1, .erasure, about: user))])
        #expect(effects.contains(.answer(1, .success([]))))
        return effects
    }

    private mutating func get(_ user: String) -> String {
        caller.ask("monitor", "get", "{\"usernames\":[\"\(user)\"]}")
    }

    @Test("Everything goes: topics, status, words, subscriptions from and to it")
    mutating func everything() {
        caller.state("bob", "online", "phone")
        caller.state("bob", "away", "desk")
        _ = caller.result("bob", "publish", #"{"description":"hi"}"#)
        caller.subscribe("bob", ["carol"])
        caller.subscribe("alice", ["bob"])
        caller.pass(1_000)
        let bob = Name(checked: "bob")
        let effects = erase("bob")
        for device in ["phone", "desk"] {
            #expect(effects.contains(.clear(.device(bob, Name(checked: device)))))
            #expect(effects.replies.contains { $0.topic == "presence/response/bob/\(device)" })
        }
        #expect(effects.contains(.clear(.status(bob))))
        #expect(effects.told("alice") == ["bob!expired"])
        #expect(get("bob").contains(#""seq":0"#))
        #expect(get("bob").contains(#""description":"""#))
        #expect(caller.result("bob", "subscriptions")["total"] == .integer(0))
        #expect(caller.result("alice", "subscriptions")["total"] == .integer(0))
        #expect(caller.core.metrics.subscriptions == 0)
        let saved = effects.compactMap { effect -> [Change]? in
            guard case .save(let changes, _) = effect else { return nil }
            return changes
        }.joined()
        #expect(saved.count { if case .removeDevice = $0 { true } else { false } } == 2)
        #expect(saved.count { if case .removeSubscription = $0 { true } else { false } } == 2)
        #expect(saved.contains { if case .removeUser = $0 { true } else { false } })
    }

    @Test("Its own devices are told that what it watched has ended, but not what went on before")
    mutating func ownSubscriptions() {
        var limits = Caller.limits
        limits.allowSubscribeAll = .everyone
        caller = Caller(limits)
        caller.subscribe("bob", ["dave", "carol", "bob"])
        _ = caller.result("bob", "subscribe", #"{"all":true,"expiry":60}"#)
        caller.state("carol")
        caller.state("carol", "away")
        let told = erase("bob").told("bob")
        #expect(told == ["*!expired", "bob!expired", "carol!expired", "dave!expired"])
        // Nobody is told what the erased user does next, least of all the user.
        caller.state("bob")
        caller.state("carol", "dnd")
        #expect(caller.pass(5_000).told("bob") == [])
        caller.state("bob", "")
        caller.state("carol", "")
        caller.pass(5_000)
        _ = erase("bob")
        _ = erase("carol")
        caller.pass(5_000)
        #expect(caller.core.namesHeld == 0)
    }

    /// A star, and one more than a turn takes of its watchers twice over.
    private mutating func star() -> [String] {
        let watchers = (0...2 * PresenceCore.endsPerTurn).map { "w\($0)" }
        caller.state("bob")
        caller.turn(
            watchers.map { name in
                let request = Request.subscribe(.users(["bob"]), expiry: 600)
                return .asked(Question(.request(request), about: name))
            }
        )
        return watchers
    }

    @Test("A star is erased with the last of its watchers, and so many are told in a turn")
    mutating func sliced() {
        let watchers = star()
        var effects = caller.turn([.asked(Question(number: 1, .erasure, about: "bob"))])
        var told = [effects.notified]
        while !effects.isAnswered, told.count < 9 {
            #expect(caller.core.usersOnline == 1)
            #expect(caller.core.idleTime(at: caller.now) == .zero)
            #expect(effects.saves.count <= PresenceCore.endsPerTurn + 2)
            effects = caller.turn()
            told.append(effects.notified)
        }
        #expect(effects.contains(.answer(1, .success([]))))
        #expect(told == [PresenceCore.endsPerTurn, PresenceCore.endsPerTurn, 1])
        #expect(watchers.count == told.reduce(0, +))
        #expect(get("bob").contains(#""seq":0"#))
        #expect(caller.core.metrics.subscriptions == 0)
    }

    @Test("The erasure of a star is refused where the connection or the store fails in between")
    mutating func interrupted() {
        _ = star()
        let question = Input.asked(Question(number: 1, .erasure, about: "bob"))
        #expect(!caller.turn([question]).isAnswered)
        let lost = caller.turn([.brokerLost])
        #expect(lost.contains { if case .answer(1, .failure) = $0 { true } else { false } })
        caller.connect()
        caller.storeFailure = "full"
        #expect(!caller.turn([question]).isAnswered)
        let refused = caller.turn()
        #expect(refused.contains { if case .answer(1, .failure) = $0 { true } else { false } })
        caller.storeFailure = nil
        caller.pass(2_000)
        #expect(caller.turn([question]).contains(.answer(1, .success([]))))
    }

    @Test("What is connected begins anew, above every number that was told before")
    mutating func anew() {
        caller.state("bob")
        let before = JSONObject(parsed: get("bob")).seq
        caller.now = Instant(uptime: caller.now.uptime, unix: caller.now.unix - 60_000)
        _ = erase("bob")
        caller.state("bob")
        #expect(get("bob").contains(#""online":true"#))
        #expect(JSONObject(parsed: get("bob")).seq > before)
    }

    @Test("A user that is not known, is changing or was erased in this turn is erased as well")
    mutating func edges() {
        _ = erase("nobody")
        let effects = caller.turn([
            .says("bob", "online"), .asked(Question(number: 1, .erasure, about: "bob")),
            .asked(Question(number: 2, .erasure, about: "bob")),
        ])
        #expect(effects.contains(.answer(2, .success([]))))
        #expect(get("bob").contains(#""seq":0"#))
        #expect(!effects.contains { if case .retain(.status, _) = $0 { true } else { false } })
        caller.pass(2_000)
        #expect(caller.core.namesHeld == 0)
    }

    @Test("What a watcher was to be told of the user is not told of whoever has the number next")
    mutating func stranger() {
        caller.subscribe("alice", ["bob"])
        caller.state("bob", "online")
        caller.state("bob", "away")
        var told = erase("bob").told("alice")
        for user in ["carol", "dave", "eve"] {
            told += caller.turn([.says(user, "online")]).told("alice")
        }
        told += caller.pass(5_000).told("alice")
        #expect(told.contains("bob!expired"))
        let strangers = told.filter { !$0.contains("bob") }
        #expect(strangers == [])
    }

    @Test("Who watches everyone is told that the user has gone")
    mutating func watchedByAll() {
        var limits = Caller.limits
        limits.allowSubscribeAll = .everyone
        caller = Caller(limits)
        _ = caller.result("dave", "subscribe", #"{"all":true}"#)
        caller.state("bob")
        caller.pass(2_000)
        #expect(erase("bob").told("dave") == ["bob:offline"])
        caller.pass(2_000)
        // One who was gone, and of whom no word is left, is told to nobody.
        caller.state("eve")
        caller.state("eve", "offline")
        caller.pass(2_000)
        #expect(erase("eve").told("dave") == [])
    }

    @Test(
        "Who watches everyone is told of a user that comes back at once what it is, and nothing after the end"
    )
    mutating func backAtOnce() {
        var limits = Caller.limits
        limits.allowSubscribeAll = .everyone
        caller = Caller(limits)
        _ = caller.result("dave", "subscribe", #"{"all":true}"#)
        caller.state("bob")
        var told = erase("bob").told("dave")
        told += caller.turn([.says("bob", "away")]).told("dave")
        told += caller.pass(2_000).told("dave")
        #expect(told == ["bob:away"])
        caller.state("carol")
        told = erase("bob").told("dave")
        _ = caller.result("dave", "unsubscribe", #"{"all":true}"#)
        #expect(told + caller.pass(2_000).told("dave") == [])
    }

    @Test("Numbers that were ahead of the clock are not given again")
    mutating func ahead() {
        caller.state("bob")
        caller.turn(
            (1...40).map { number in
                let request = Request.publish(description: "at \(number)", expiry: nil)
                return .asked(Question(number: UInt64(number), .request(request), about: "bob"))
            }
        )
        let before = JSONObject(parsed: get("bob")).seq
        #expect(before > caller.now.unix)
        _ = erase("bob")
        caller.pass(5)
        caller.state("bob")
        #expect(JSONObject(parsed: get("bob")).seq > before)
    }

    @Test("An invisible device is asked to announce itself, and one that has gone is not")
    mutating func asked() {
        caller.state("bob", "invisible", "phone")
        caller.state("bob", "offline", "desk")
        let topics = erase("bob").replies.map(\.topic)
        #expect(topics.contains("presence/response/bob/phone"))
        #expect(!topics.contains("presence/response/bob/desk"))
    }

    @Test("A process that ends before the status is cleared has erased the user all the same")
    func crash() {
        var bridge = Bridge.serving()
        let bob = Name(checked: "bob")
        bridge.says("bob/phone", "away")
        bridge.says("bob/phone", "offline")
        let old = bridge.statuses[bob]
        #expect(old != nil)
        bridge.pass(.seconds(5))
        bridge.send(.asked(Question(number: 1, .erasure, about: "bob")))
        bridge.statuses[bob] = old
        bridge.restart()
        bridge.connect()
        #expect(bridge.statuses[bob] == nil)
        #expect(bridge.status("bob") == nil)
    }

    @Test("A store that fails gets all of it with the next write that succeeds")
    mutating func failure() {
        caller.state("bob")
        caller.subscribe("alice", ["bob"])
        caller.storeFailure = "full"
        let effects = caller.turn([.asked(Question(number: 1, .erasure, about: "bob"))])
        #expect(effects.contains { if case .answer(1, .failure) = $0 { true } else { false } })
        caller.storeFailure = nil
        let later = caller.pass(3_000)
        let saved = later.compactMap { effect -> [Change]? in
            guard case .save(let changes, _) = effect else { return nil }
            return changes
        }.joined()
        #expect(saved.contains { if case .removeSubscription = $0 { true } else { false } })
        #expect(saved.contains { if case .removeDevice = $0 { true } else { false } })
    }
}

extension [Effect] {
    fileprivate var isAnswered: Bool {
        contains { if case .answer(1, _) = $0 { true } else { false } }
    }
}

extension JSONObject {
    fileprivate var seq: Int64 {
        self["result"]?.object?["users"]?.array?.first?.object?["seq"]?.integer ?? -1
    }
}
