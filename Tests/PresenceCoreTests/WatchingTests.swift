import Chance
import Presence
import Testing

@testable import PresenceCore

@Suite("Who watches whom")
struct WatchingTests {
    @Test("A watcher set is a set, in order, whatever is put in and taken out")
    func watcherSet() {
        for seed in UInt64(0)..<6 {
            var random = SeededNumbers(seed: seed)
            var naive = Set<UserID>()
            var set = WatcherSet()
            let range: ClosedRange<UserID> = 1...UserID([40, 900, 6_000][Int(seed % 3)])
            for step in 0..<8_000 {
                let id = UserID.random(in: range, using: &random)
                // It grows first and is emptied in the end.
                let grows = Int.random(in: 0..<8_000, using: &random) > step
                if grows {
                    set.insert(id)
                    naive.insert(id)
                } else {
                    set.remove(id)
                    naive.remove(id)
                }
                #expect(set.count == naive.count)
                #expect(set.contains(id) == grows)
            }
            for id in naive.sorted().dropLast(3) {
                set.remove(id)
                naive.remove(id)
            }
            #expect(walk(set, from: 0) == naive.sorted())
            #expect(set.isEmpty == naive.isEmpty)
        }
    }

    @Test("A walk begins anywhere and stops when it is told to")
    func walks() {
        for seed in UInt64(0)..<20 {
            var random = SeededNumbers(seed: seed)
            var set = WatcherSet()
            var naive = Set<UserID>()
            for _ in 0..<2_000 {
                let id = UserID.random(in: 1...5_000, using: &random)
                set.insert(id)
                naive.insert(id)
            }
            let start = UserID.random(in: 0...5_100, using: &random)
            #expect(walk(set, from: start) == naive.filter { $0 >= start }.sorted())
            var visited = 0
            set.walk(from: 0) { _ in
                visited += 1
                return visited < 700
            }
            #expect(visited == 700)
        }
    }

    private func walk(_ set: WatcherSet, from start: UserID) -> [UserID] {
        var ids: [UserID] = []
        set.walk(from: start) {
            ids.append($0)
            return true
        }
        return ids
    }

    @Test("Both sides and the count agree with a naive model")
    func naiveModel() {
        for seed in UInt64(0)..<30 {
            var random = SeededNumbers(seed: seed)
            var subscriptions = Subscriptions()
            var naive: [UserID: [UserID: UInt32]] = [:]
            for _ in 0..<600 {
                let watcher = UserID.random(in: 1...12, using: &random)
                let user = UserID.random(in: 0...12, using: &random)
                let expires =
                    Bool.random(using: &random) ? UInt32.random(in: 1...99, using: &random) : nil
                let before = subscriptions.set(watcher, watching: user, until: expires)
                #expect(before == naive[watcher]?[user])
                naive[watcher, default: [:]][user] = expires
            }
            #expect(subscriptions.count == naive.values.map(\.count).reduce(0, +))
            for id in UserID(0)...14 {
                let own = naive[id] ?? [:]
                #expect(
                    subscriptions.list(of: id).map(\.user) == own.keys.sorted(),
                    "seed \(seed)"
                )
                #expect(subscriptions.earliestExpiry(of: id) == own.values.min())
                for user in UserID(0)...14 {
                    #expect(subscriptions.expiry(of: id, watching: user) == own[user])
                }
                let watchers = naive.filter { $0.value[id] != nil }.keys.sorted()
                #expect(walk(subscriptions.watchers(of: id), from: 0) == watchers)
                #expect(subscriptions.refers(to: id) == (!own.isEmpty || !watchers.isEmpty))
            }
        }
    }

    @Test("What becomes of each name agrees with the rules carried out one by one")
    func subscribing() {
        for seed in UInt64(0)..<500 {
            var random = SeededNumbers(seed: seed)
            var held: [UserID: UInt32] = [:]
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                held[UserID.random(in: 1...9, using: &random)] =
                    UInt32.random(in: 1...6, using: &random)
            }
            var wanted: [UserID?] = Array(1...9).shuffled(using: &random)
            wanted = Array(wanted.prefix(Int.random(in: 1...9, using: &random)))
            if Bool.random(using: &random) { wanted.append(nil) }
            let expires = UInt32.random(in: 1...7, using: &random)
            let limit = Int.random(in: 1...6, using: &random)
            let full = UserID.random(in: 1...12, using: &random)
            let plan = SubscriptionPlan(
                held: held.sorted { $0.key < $1.key }.map {
                    .init(user: $0.key, expires: $0.value)
                },
                wanted: wanted,
                expires: expires,
                limit: limit,
                isFull: { $0 == full },
                precedes: { $0 > $1 }  // The names sort against the numbers.
            )
            // Step by step, as the protocol says it.
            var now = held
            for case let user? in wanted where held[user] != nil { now[user] = expires }
            var (subscribed, rejected, evicted) = ([Int](), [Int](), [UserID]())
            for (place, user) in wanted.enumerated() {
                let key = user ?? 100
                if let user, held[user] != nil {
                    subscribed.append(place)
                    continue
                }
                let least = now.min { ($0.value, -Int64($0.key)) < ($1.value, -Int64($1.key)) }
                if key == full {
                    rejected.append(place)
                } else if now.count < limit {
                    now[key] = expires
                    subscribed.append(place)
                } else if let least, least.value < expires {
                    now[least.key] = nil
                    evicted.append(least.key)
                    now[key] = expires
                    subscribed.append(place)
                } else {
                    rejected.append(place)
                }
            }
            #expect(plan.subscribed == subscribed, "seed \(seed)")
            #expect(plan.rejected == rejected, "seed \(seed)")
            #expect(plan.evicted == evicted, "seed \(seed)")
        }
    }

    @Test("Of an erased user who came back the last word is told, also where that has become fixed")
    func overtaken() {
        var outbox = Outbox()
        let bob = Name(checked: "bob")
        outbox.append(.frozen([1], of: bob))
        outbox.append(.frozen([2], of: bob))
        outbox.append(.end([3], of: nil))
        #expect(outbox.take(Names()) == [.frozen([2], of: bob), .end([3], of: nil)])
        // What was told of it before its subscription ended is told with the end.
        outbox.append(.frozen([1], of: bob))
        outbox.append(.end([3], of: bob))
        outbox.append(.frozen([2], of: bob))
        #expect(outbox.take(Names()).count == 3)
    }

    @Test("Of a user told twice the last place holds, and what is fixed keeps its place")
    func outbox() {
        var outbox = Outbox()
        outbox.append(.status(1))
        outbox.append(.status(2))
        outbox.append(.end([1], of: Name(checked: "3")))
        outbox.append(.status(1))
        outbox.append(.status(1))
        #expect(
            outbox.take(Names()) == [.status(2), .end([1], of: Name(checked: "3")), .status(1)]
        )
        #expect(outbox.items.isEmpty)
        outbox.append(.status(1))
        outbox.append(.end([1], of: Name(checked: "1")))
        outbox.append(.end([1], of: Name(checked: "2")))
        outbox.drop([1: Name(checked: "1")])
        #expect(outbox.take(Names()) == [.end([1], of: Name(checked: "2"))])
        outbox.append(.status(1))
        outbox.append(.end([1], of: Name(checked: "2")))
        outbox.drop(nil)
        #expect(outbox.take(Names()) == [.end([1], of: Name(checked: "2"))])
    }
}
