import Presence
import Testing

@testable import PresenceCore

/// What would take hours if its time grew with the square of the number.
@Suite("Crowds", .timeLimit(.minutes(1)))
struct CrowdTests {
    private func user(_ id: Int) -> Change {
        .putUser(UserRecord(id: UserID(id), name: Name(checked: "u\(id)")))
    }

    private func subscription(of watcher: Int, to id: Int, until second: Int64) -> Change {
        .putSubscription(
            SubscriptionRecord(watcher: UserID(watcher), user: UserID(id), expires: second)
        )
    }

    @Test("To find who gives way, a full watcher's names are looked at once")
    func givingWay() {
        var compared = 0
        let plan = Subscribing(
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
