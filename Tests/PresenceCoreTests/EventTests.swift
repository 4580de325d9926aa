import Presence
import Testing

@testable import PresenceCore

@Suite("Events")
struct EventTests {
    @Test("The first goes out at once, what follows is collected, of each user only the newest")
    func collects() {
        var caller = Caller()
        caller.subscribe("a", ["b", "c"])
        let first = caller.state("b", "away").messages(to: "a")
        #expect(
            first == [
                #"[{"username":"b","online":true,"status":"away","description":"","#
                    + #""devices":{"phone":"away"},"cause":null,"since":1700000000,"#
                    + #""updated":1700000000,"seq":1700000000000}]"#
            ]
        )
        caller.pass(10)
        #expect(caller.state("b", "busy").told("a") == [])
        #expect(caller.state("c").told("a") == [])
        #expect(caller.state("b", "dnd").told("a") == [])
        #expect(caller.pass(89).told("a") == [])
        let collected = caller.pass(1)
        #expect(collected.messages(to: "a").count == 1)
        #expect(collected.told("a") == ["c:online", "b:dnd"])
        // The interval after a batch is waited for, too; after that an event goes out at once.
        #expect(caller.state("c", "away").told("a") == [])
        #expect(caller.pass(100).told("a") == ["c:away"])
        caller.pass(100)
        #expect(caller.state("c", "busy").told("a") == ["c:busy"])
    }

    @Test("The interval is kept also by a watcher to whom nothing else refers meanwhile")
    func keptByTheForgotten() {
        var caller = Caller()
        caller.subscribe("a", ["b"], expiry: 5)
        #expect(caller.pass(5_000).told("a") == ["b!expired"])
        caller.pass(10)
        caller.subscribe("a", ["b"])
        #expect(caller.state("b").told("a") == [])
        #expect(caller.pass(89).told("a") == [])
        #expect(caller.pass(1).told("a") == ["b:online"])
    }

    @Test("A storm costs a watcher one batch at once and then ten a second")
    func storm() {
        var limits = Caller.limits
        limits.deviceRate = 1_000_000
        limits.deviceBurst = 1_000_000
        var caller = Caller(limits)
        caller.subscribe("a", ["b"])
        var effects: [Effect] = []
        for step in 0..<1_000 {
            effects += caller.state("b", step.isMultiple(of: 2) ? "away" : "busy")
            effects += caller.pass(1)
        }
        #expect(effects.messages(to: "a").count == 11)
    }

    @Test("Within a turn events go out first, then the retained status, then the answer")
    func order() {
        var caller = Caller()
        caller.state("b")
        caller.subscribe("a", ["b"])
        let effects = caller.turn([.asks("b", "publish", #"{"description":"x"}"#)])
        let kinds = effects.compactMap { effect -> String? in
            switch effect {
            case .notify: "event"
            case .retain(.status, _): "status"
            case .reply: "answer"
            default: nil
            }
        }
        #expect(kinds == ["event", "status", "answer"])
    }

    @Test("What a device repeats is told to nobody")
    func repeats() {
        var caller = Caller()
        caller.subscribe("a", ["b"])
        caller.state("b")
        caller.pass(1_000)
        let effects = caller.state("b")
        #expect(effects.messages(to: "a") == [])
        #expect(effects.retained == [])
    }

    @Test("A user watched by name and by all is told once; one may watch oneself")
    func once() {
        var limits = Caller.limits
        limits.allowSubscribeAll = .everyone
        var caller = Caller(limits)
        caller.subscribe("a", ["b", "a"])
        _ = caller.ask("a", "subscribe", #"{"all":true}"#)
        #expect(
            caller.turn([.says("b", "online"), .says("a", "away")]).told("a") == [
                "b:online", "a:away",
            ]
        )
        #expect(caller.pass(1_000).told("a") == [])
    }

    @Test("A batch larger than max_message is split")
    func split() {
        var limits = Caller.limits
        limits.maxMessage = 400
        var caller = Caller(limits)
        let names = (1...9).map { "user\($0)" }
        caller.subscribe("a", names)
        let messages = caller.turn(names.map { .says($0, "online") }).messages(to: "a")
        #expect(messages.count == 5)
        #expect(messages.allSatisfy { $0.utf8.count <= 400 })
        let users = messages.flatMap { text in
            ((try? JSONValue(parsing: Array(text.utf8)))?.array ?? []).compactMap {
                $0.object?["username"]?.string
            }
        }
        #expect(users == names)
    }

    @Test("A status longer than max_message goes out alone")
    func longStatus() {
        var limits = Caller.limits
        limits.maxMessage = 10
        var caller = Caller(limits)
        caller.subscribe("a", ["b", "c"])
        let effects = caller.turn([.says("b", "online"), .says("c", "online")])
        #expect(effects.messages(to: "a").count == 2)
    }

    @Test("While the broker does not keep up everything is collected, the newest of each user")
    func congestion() {
        var caller = Caller()
        caller.subscribe("a", ["b"])
        caller.turn([.brokerCongested(true)])
        #expect(caller.state("b").told("a") == [])
        #expect(caller.state("b", "away").told("a") == [])
        #expect(caller.pass(5_000).told("a") == [])
        #expect(caller.core.idleTime(at: caller.now) != .zero)
        #expect(caller.turn([.brokerCongested(false)]).told("a") == ["b:away"])
    }

    @Test("A description that runs out is told, and so is the forgetting of nothing else")
    func descriptionRunsOut() {
        var caller = Caller()
        caller.state("b")
        caller.subscribe("a", ["b"])
        _ = caller.ask("b", "publish", #"{"description":"x","expiry":2}"#)
        caller.pass(1_999)
        let messages = caller.pass(1).messages(to: "a")
        #expect(messages.count == 1)
        #expect(messages.joined().contains(#""description":"""#))
    }
}
