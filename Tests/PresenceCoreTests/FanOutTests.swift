import Chance
import Presence
import Testing

@testable import PresenceCore

@Suite("Fan-out")
struct FanOutTests {
    @Test("Whatever changes on the way, every watcher gets the newest, in slices")
    func everyWatcherGetsTheNewest() {
        for seed in UInt64(0)..<400 {
            var random = SeededNumbers(seed: seed)
            let star: UserID = 1
            var subscriptions = Subscriptions()
            var watchers = Set<UserID>()
            for watcher in UserID(2)..<UserID(2 + Int.random(in: 0...40, using: &random)) {
                let kind = Int.random(in: 0..<4, using: &random)
                if kind != 0 { subscriptions.set(watcher, watching: star, until: 9) }
                if kind >= 2 { subscriptions.set(watcher, watching: .everyone, until: 9) }
                if kind != 0 { watchers.insert(watcher) }
            }
            var seen: [UserID: Int] = [:]
            var version = 1
            var fanOut = FanOut(of: star)
            var changes = Int.random(in: 0...5, using: &random)
            for _ in 0..<10_000 {
                let limit = Int.random(in: 1...9, using: &random)
                let (visited, isDone) = fanOut.walk(subscriptions, limit: limit) {
                    seen[$0] = version
                }
                #expect(visited <= limit)
                if changes > 0, !isDone, Bool.random(using: &random) {
                    changes -= 1
                    version += 1
                    fanOut.changeAgain()
                }
                if isDone { break }
            }
            #expect(Set(seen.keys) == watchers, "seed \(seed)")
            #expect(seen.values.allSatisfy { $0 == version }, "seed \(seed)")
        }
    }

    @Test("A walk without a change visits each watcher once")
    func once() {
        var subscriptions = Subscriptions()
        for watcher in UserID(2)...30 {
            subscriptions.set(watcher, watching: watcher % 3 == 0 ? .everyone : 1, until: 9)
            if watcher % 6 == 0 { subscriptions.set(watcher, watching: 1, until: 9) }
        }
        var visits: [UserID] = []
        var fanOut = FanOut(of: 1)
        while !fanOut.walk(subscriptions, limit: 4, { visits.append($0) }).isDone {}
        #expect(visits.sorted() == Array(2...30))
    }

    @Test("A star's watchers are told in slices of visitsPerTurn, and others do not wait")
    func slices() {
        let count = Delivery.visitsPerTurn + 500
        var changes: [Change] = [.putUser(UserRecord(id: 1, name: Name(checked: "star")))]
        for id in UserID(2)..<UserID(2 + count) {
            changes.append(.putUser(UserRecord(id: id, name: Name(checked: "w\(id)"))))
        }
        for id in UserID(2)..<UserID(2 + count) {
            changes.append(
                .putSubscription(
                    SubscriptionRecord(watcher: id, user: 1, expires: 1_800_000_000)
                )
            )
        }
        var caller = Caller(restoring: changes)
        let first = caller.state("star")
        #expect(first.notified == Delivery.visitsPerTurn)
        #expect(first.retained == ["star"])
        #expect(caller.core.idleTime(at: caller.now) == .zero)
        // It changes again during the walk: the rest gets the newest at once, the others later.
        let second = caller.state("star", "away")
        let last = "w\(1 + count)"
        #expect(second.told(last) == ["star:away"])
        #expect(second.told("w2") == [])
        let rest = caller.pass(100)
        #expect(rest.told("w2") == ["star:away"])
        #expect(rest.told(last) == [])
        #expect(rest.notified == Delivery.visitsPerTurn)
    }

    @Test("Watchers one after the other who are told the same are told at one go, in its messages")
    func bulletins() {
        var limits = Caller.limits
        limits.maxMessage = 400
        var caller = Caller(limits)
        for watcher in ["a", "b", "c", "d"] {
            caller.subscribe(watcher, watcher == "c" ? ["star"] : ["star", "moon", "sun"])
        }
        let words = ["star", "moon", "sun"].map { Input.says($0, "away") }
        let effects = caller.turn(words)
        let groups = effects.compactMap { effect in
            if case .notify(let watchers, _) = effect { watchers.map(\.text) } else { nil }
        }
        // Two statuses fit into a message.
        #expect(groups == [["a", "b"], ["a", "b"], ["c"], ["d"], ["d"]])
        for watcher in ["a", "b", "d"] {
            #expect(effects.told(watcher).count == 3)
            #expect(effects.messages(to: watcher) == effects.messages(to: "a"))
        }
        #expect(effects.told("c").count == 1)
        #expect(caller.core.metrics.events == 7)
    }

    @Test("One who begins to watch everyone during the walk is not passed over")
    func joinsEveryone() {
        var limits = Caller.limits
        limits.allowSubscribeAll = .everyone
        let count = Delivery.visitsPerTurn + 500
        var changes: [Change] = [.putUser(UserRecord(id: 1, name: Name(checked: "star")))]
        for id in UserID(2)..<UserID(2 + count) {
            changes.append(.putUser(UserRecord(id: id, name: Name(checked: "w\(id)"))))
        }
        for id in UserID(2)..<UserID(2 + count) {
            changes.append(
                .putSubscription(
                    SubscriptionRecord(watcher: id, user: 1, expires: 1_800_000_000)
                )
            )
        }
        var caller = Caller(limits, restoring: changes)
        caller.state("star")
        let last = "w\(1 + count)"
        let effects = caller.turn([.asks(last, "subscribe", #"{"all":true}"#)])
        #expect((effects + caller.pass(200)).told(last) == ["star:online"])
    }
}
