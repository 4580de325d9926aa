import Presence
import Simulation
import Testing

@Suite("Checkers of bounds")
struct BoundsTests {
    private func breaches(sent: Int, stored: Int, read: Int) -> Int {
        sentences(EffectsAreBounded.self) { trace in
            for user in 0..<10 { trace.state("u\(user)", "d", "online") }
            trace.subscribe("u1", "u2", "u3")
            let put = (2...3).map { user in
                Change.putSubscription(SubscriptionRecord(watcher: 1, user: user, expires: 5))
            }
            trace.add(.stored(put))
            trace.add(.turn(read: read, sent: sent, stored: stored))
        }.count
    }

    @Test("A turn may do what is due, and what it read, and no more")
    func turn() {
        // 100 of its own, 4 for each of 10 users and devices, 2 for each of 2 subscriptions.
        #expect(breaches(sent: 184, stored: 192, read: 0) == 0)
        #expect(breaches(sent: 185, stored: 192, read: 0) == 1)
        #expect(breaches(sent: 184, stored: 193, read: 0) == 1)
        #expect(breaches(sent: 204, stored: 212, read: 5) == 0)
        #expect(breaches(sent: 205, stored: 213, read: 5) == 2)
    }

    @Test("One who watches everyone is told of everyone")
    func everyone() {
        for (sent, count) in [(100 + 40 + 2 + 10, 0), (100 + 40 + 2 + 11, 1)] {
            let found = sentences(EffectsAreBounded.self) { trace in
                for user in 0..<10 { trace.status(.online("u\(user)", seq: 1)) }
                let record = SubscriptionRecord(watcher: 1, user: .everyone, expires: 5)
                trace.add(.stored([.putSubscription(record)]))
                trace.add(.turn(read: 0, sent: sent, stored: 0))
            }
            #expect(found.count == count)
        }
    }

    @Test("Whatever is still held when all have left is found")
    func memory() {
        func breaches(_ fill: (inout Footprint) -> Void) -> Int {
            sentences(MemoryReturns.self) { trace in
                var footprint = Footprint()
                fill(&footprint)
                trace.add(.deserted(footprint))
            }.count
        }
        #expect(breaches { $0.names = 4 } == 0)
        #expect(breaches { $0.names = 5 } == 1)
        #expect(breaches { $0.users = 1 } == 1)
        #expect(breaches { $0.subscriptions = 1 } == 1)
        #expect(breaches { $0.rows = 1 } == 1)
        #expect(breaches { $0.retained = 1 } == 1)
    }
}
