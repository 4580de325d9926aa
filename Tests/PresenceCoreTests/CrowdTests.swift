import Presence
import Testing

@testable import PresenceCore

/// What would take hours if its time grew with the square of the number.
@Suite("Crowds", .timeLimit(.minutes(4)))
struct CrowdTests {
    private func user(_ id: Int) -> Change {
        .putUser(UserRecord(id: UserID(id), name: Name(checked: "u\(id)")))
    }

    private func subscription(of watcher: Int, to id: Int, until second: Int64) -> Change {
        .putSubscription(
            SubscriptionRecord(watcher: UserID(watcher), user: UserID(id), expires: second)
        )
    }

    @Test("A hundred thousand users that change and are forgotten in one turn are no trouble")
    func changes() {
        var delivery = Delivery()
        for _ in 0..<2 {
            for user in 1...100_000 as ClosedRange<UserID> {
                delivery.tell(user)
            }
        }
        for user in 1...50_000 as ClosedRange<UserID> {
            delivery.forget(user)
        }
        var turns = 0
        while delivery.isBusy {
            delivery.walk(Subscriptions())
            turns += 1
        }
        #expect(turns <= 1 + 100_000 / Delivery.visitsPerTurn)
    }

    @Test("Of ten thousand subscriptions that end at once, what was pending is told before all")
    func endings() {
        let count = 10_000
        let end = Caller.start.second + 5
        var changes = (1...count + 1).map(user)
        for id in 2...count + 1 {
            changes.append(subscription(of: 1, to: id, until: end))
        }
        var limits = Caller.limits
        limits.eventInterval = .seconds(100)
        var caller = Caller(limits, restoring: changes)
        caller.turn((2...count + 1).map { .says("u\($0)", "online") })
        caller.turn((2...count + 1).map { .says("u\($0)", "away") })
        caller.pass(5_000)
        caller.turn((2...count + 1).map { .says("u\($0)", "busy") })
        let told = caller.pass(100_000).told("u1")
        #expect(told.count == 2 * count)
        #expect(told.prefix(count).allSatisfy { $0.hasSuffix(":away") })
        #expect(told.suffix(count).allSatisfy { $0.hasSuffix("!expired") })
    }

    @Test("Of ten thousand that give way in one turn, each is told after what was pending")
    func evictions() {
        let count = 10_000
        var changes = (1...count + 1).map(user)
        for id in 2...count + 1 {
            changes.append(subscription(of: 1, to: id, until: Caller.start.second + 500))
        }
        var limits = Caller.limits
        limits.maxSubscriptions = count
        limits.maxUsernames = count
        limits.eventInterval = .seconds(100)
        var caller = Caller(limits, restoring: changes)
        caller.turn((2...count + 1).map { .says("u\($0)", "online") })
        caller.turn((2...count + 1).map { .says("u\($0)", "away") })
        let batches = stride(from: 0, to: count, by: 1_000).map { start in
            let names = (start..<start + 1_000).map { "\"\($0)\"" }.joined(separator: ",")
            return Input.asks("u1", "subscribe", #"{"usernames":[\#(names)],"expiry":600}"#)
        }
        let effects = caller.turn(batches)
        #expect(effects.errorCodes == [])
        let told = caller.pass(100_000).told("u1")
        #expect(told.prefix(count).allSatisfy { $0.hasSuffix(":away") })
        #expect(told.suffix(count).allSatisfy { $0.hasSuffix("!evicted") })
        #expect(told.count == 2 * count)
    }

    @Test("What is collected for a watcher grows with the users that it watches, not with time")
    func collecting() {
        var outbox = Outbox()
        outbox.append(.end([1], of: Name(checked: "5")))
        var longest = 0
        for round in 0..<1_000 {
            for user in 1...100 as ClosedRange<UserID> {
                outbox.append(.status((user + UserID(round)) % 100))
            }
            longest = max(longest, outbox.items.count)
        }
        #expect(longest <= 2 * 101 + 64 + 1)
        let expected = (1...100 as ClosedRange<UserID>).map { Outbox.Item.status(($0 + 999) % 100) }
        #expect(outbox.take(Names()) == [.end([1], of: Name(checked: "5"))] + expected)
    }

    @Test("To find who gives way, a full watcher's names are looked at once")
    func givingWay() {
        var compared = 0
        let plan = SubscriptionPlan(
            held: (1...3_000).map { Subscription(user: $0, expires: 5) },
            wanted: [nil, nil],
            expires: 6,
            limit: 3_000,
            isFull: { _ in false },
            precedes: { left, right in
                compared += 1
                return (left &* 7_919) % 3_001 < (right &* 7_919) % 3_001
            }
        )
        #expect(plan.evicted.count == 2)
        #expect(compared < 4_000)
    }
}
