import Chance
import Presence
import Testing

@testable import PresenceCore

@Suite("What is remembered")
struct MemoryTests {
    @Test("A name is freed when nothing refers to it, and its number only after its row is gone")
    func freed() {
        var caller = Caller()
        caller.subscribe("a", ["b", "c"], expiry: 5)
        #expect(caller.core.names.count == 3)
        // The watcher was just told of the ends, and keeps its name until the interval is over.
        let effects = caller.pass(5_100)
        #expect(effects.saves.suffix(3) == [.removeUser(2), .removeUser(3), .removeUser(1)])
        #expect(caller.core.names.count == 0)
        caller.subscribe("x", ["y", "z"])
        #expect(caller.core.names.end == 4)
    }

    @Test("While its removal is not stored, a number is not given again")
    func notReused() {
        var caller = Caller()
        caller.subscribe("a", ["b"], expiry: 1)
        caller.storeFailure = "no"
        caller.pass(1_500)
        caller.state("x")
        #expect(caller.core.names.id(of: Name(checked: "x")) == 3)
        caller.storeFailure = nil
        caller.pass(2_000)
        caller.subscribe("y", ["z"])
        #expect(caller.core.names.end == 4)
    }

    @Test("A name whose row outlived a kill is dropped after the restart")
    func leftBehind() {
        let second = Caller.start.second
        let changes: [Change] = [
            .putUser(UserRecord(id: 1, name: Name(checked: "left"))),
            .putUser(UserRecord(id: 2, name: Name(checked: "a"))),
            .putUser(UserRecord(id: 3, name: Name(checked: "b"))),
            .putUser(UserRecord(id: 4, name: Name(checked: "seen"), updated: second, seq: 1)),
            .putSubscription(SubscriptionRecord(watcher: 2, user: 3, expires: second + 100)),
        ]
        var caller = Caller(restoring: changes)
        #expect(caller.pass(1_000).saves == [.removeUser(1)])
        #expect(caller.core.names.count == 3)
        caller.state("x")
        #expect(caller.core.names.id(of: Name(checked: "x")) == 1)
        // Whoever is heard of before is kept.
        var core = PresenceCore(limits: Caller.limits)
        core.restore(changes[0])
        core.endRestoring()
        caller = Caller(at: Caller.start)
        caller.core = core
        var effects = caller.turn([.brokerFound])
        effects += caller.turn([.says("left", "online"), .readingEnded(1)])
        #expect(effects.retained == ["left"])
        #expect(caller.pass(1_000).saves == [])
    }

    @Test("What is known of the rows is not copied when a turn is stored")
    func notCopied() {
        // The set has one field, which points to its words.
        func place(_ core: PresenceCore) -> UInt {
            withUnsafeBytes(of: core.unsaved.stored) { $0.load(as: UInt.self) }
        }
        var caller = Caller()
        caller.state("a")
        let before = place(caller.core)
        #expect(before != place(PresenceCore(limits: Caller.limits)))
        caller.state("b")
        caller.subscribe("c", ["a"])
        #expect(place(caller.core) == before)
    }

    @Test("Questions about unknown names store nothing")
    func questions() {
        var caller = Caller()
        for operation in ["online", "subscriptions", "watchers"] {
            #expect(caller.turn([.asks("a", operation)]).saves == [])
        }
        _ = caller.ask("a", "sync")
        _ = caller.ask("a", "get", #"{"usernames":["b"],"brief":true}"#)
        _ = caller.ask("a", "unsubscribe", #"{"usernames":["b"]}"#)
        _ = caller.ask("a", "unsubscribe", #"{"all":true}"#)
        #expect(caller.core.names.count == 0)
    }

    @Test("Over random requests the core comes back to nothing, and the store with it")
    func randomRequests() {
        for seed in UInt64(0)..<20 {
            var random = SeededNumbers(seed: seed)
            var limits = Caller.limits
            limits.maxSubscriptions = 3
            limits.allowSubscribeAll = .everyone
            limits.requestRate = 100_000
            var caller = Caller(limits)
            var stored = Rows()
            for _ in 0..<150 {
                let user = "u\(Int.random(in: 0..<6, using: &random))"
                let names = (0..<2).map { _ in "\"u\(Int.random(in: 0..<9, using: &random))\"" }
                let list = names.joined(separator: ",")
                let expiry = Int.random(in: 1...4, using: &random)
                caller.storeFailure = Int.random(in: 0..<5, using: &random) == 0 ? "no" : nil
                let input: Input =
                    switch Int.random(in: 0..<5, using: &random) {
                    case 0, 1:
                        .asks(user, "subscribe", #"{"usernames":[\#(list)],"expiry":\#(expiry)}"#)
                    case 2: .asks(user, "subscribe", #"{"all":true,"expiry":\#(expiry)}"#)
                    case 3: .asks(user, "unsubscribe", #"{"usernames":[\#(list)]}"#)
                    default: .asks(user, "unsubscribe", #"{"all":true}"#)
                    }
                let effects = caller.turn([input])
                if caller.storeFailure == nil { stored.apply(effects.saves) }
                let later = caller.pass(Int64.random(in: 0...700, using: &random))
                if caller.storeFailure == nil { stored.apply(later.saves) }
            }
            caller.storeFailure = nil
            stored.apply(caller.pass(60_000).saves)
            #expect(caller.core.names.count == 0, "seed \(seed)")
            #expect(caller.core.metrics.subscriptions == 0, "seed \(seed)")
            #expect(stored.users == [:] && stored.subscriptions == [:], "seed \(seed)")
        }
    }

    /// What a store holds after the changes.
    private struct Rows {
        struct Pair: Hashable {
            var watcher: UserID
            var user: UserID
        }

        var users: [UserID: Name] = [:]
        var subscriptions: [Pair: Int64] = [:]

        mutating func apply(_ changes: [Change]) {
            for change in changes {
                switch change {
                case .putUser(let record): users[record.id] = record.name
                case .removeUser(let id): users[id] = nil
                case .putSubscription(let record):
                    #expect(users[record.watcher] != nil)
                    #expect(record.user == .everyone || users[record.user] != nil)
                    subscriptions[Pair(watcher: record.watcher, user: record.user)] = record.expires
                case .removeSubscription(let watcher, let user):
                    subscriptions[Pair(watcher: watcher, user: user)] = nil
                case .putDevice, .removeDevice, .putBroker, .log: break
                }
            }
        }
    }

    @Test("Of a user who is forgotten as the bridge begins to serve nothing is retained")
    func forgottenAtStart() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(2))
        #expect(bridge.word("alice") == "offline")
        bridge.statuses = [:]
        bridge.restart(after: .seconds(31 * 86_400))
        #expect(bridge.connect().statuses.filter { !$0.hasPrefix("clear") } == [])
        #expect(bridge.statuses == [:])
        #expect(bridge.core.metrics.usersKnown == 0)
    }

    @Test("A user's broken retained status is not cleared after a new one was written")
    func clearedBeforeWritten() {
        var core = PresenceCore(limits: Caller.limits)
        core.endRestoring()
        var effects: [Effect] = []
        let bob = Name(checked: "bob")
        let inputs: [Input] = [
            .brokerFound, .statusFound(user: bob, payload: Array("rubbish".utf8)),
            .says("bob", "online"), .readingEnded(1), .turnEnded, .saved,
        ]
        for input in inputs {
            core.handle(input, at: Caller.start, into: &effects)
        }
        #expect(effects.retained == ["bob"])
        #expect(!effects.contains(.clear(.status(bob))))
    }
}
