import Simulation
import Testing

@Suite("Checker: seq never goes back")
struct SeqNeverBackTests {
    private func breaches(_ build: (inout Trace) -> Void) -> Int {
        sentences(SeqNeverBack.self, CheckedLimits(), build).count
    }

    @Test("What rises, repeats with the same content, or begins anew after a forgetting, passes")
    func right() {
        #expect(
            breaches { trace in
                trace.tell("wanda", .online("bob", seq: 5))
                trace.status(.online("bob", seq: 5))
                trace.tell("wanda", .offline("bob", seq: 6))
                trace.status(.offline("bob", seq: 6))
                trace.restartBridge()
                trace.tell("wanda", .offline("bob", seq: 6))
                trace.status(.offline("bob", seq: 6))
                trace.tell("wilma", .online("bob", seq: 7, since: 1_001, updated: 1_001))
                trace.status(.online("bob", seq: 7, since: 1_001, updated: 1_001))
                trace.add(.status(user: "bob", nil))
                trace.tell("wanda", .online("bob", seq: 2, since: 1, updated: 1))
                trace.status(.online("bob", seq: 2, since: 1, updated: 1))
            } == 0
        )
    }

    @Test("A watcher that is told of an older seq, or of the same with other content, is found")
    func told() {
        #expect(
            breaches { trace in
                trace.tell("wanda", .online("bob", seq: 5))
                trace.tell("wanda", .online("bob", seq: 4))
            } == 1
        )
        #expect(
            breaches { trace in
                trace.tell("wanda", .online("bob", seq: 5))
                trace.tell("wanda", .offline("bob", seq: 5))
            } == 1
        )
    }

    @Test("Each watcher has an order of its own")
    func watchers() {
        #expect(
            breaches { trace in
                trace.tell("wanda", .online("bob", seq: 5))
                trace.tell("wilma", .online("bob", seq: 4))
            } == 0
        )
    }

    @Test("A retained status that goes back in seq, updated or since is found")
    func retained() {
        for older in [
            StatusSeen.online("bob", seq: 4), .online("bob", seq: 6, updated: 999),
            .online("bob", seq: 6, since: 999), .offline("bob", seq: 5),
        ] {
            #expect(
                breaches { trace in
                    trace.status(.online("bob", seq: 5))
                    trace.status(older)
                } == 1,
                "\(older)"
            )
        }
    }

    @Test("An event and a retained status that differ under one seq are found")
    func twoContents() {
        #expect(
            breaches { trace in
                trace.tell("wanda", .online("bob", seq: 5))
                trace.status(.online("bob", ["d": "away"], seq: 5))
            } == 1
        )
    }

    @Test("What was told while the store refused writes counts, unless the bridge died of it")
    func doubt() {
        let doubtful = { (trace: inout Trace) in
            trace.add(.storeRefused)
            trace.tell("wanda", .online("bob", seq: 5))
        }
        #expect(
            breaches { trace in
                doubtful(&trace)
                trace.restartBridge()
                trace.tell("wanda", .offline("bob", seq: 4))
            } == 0
        )
        #expect(
            breaches { trace in
                doubtful(&trace)
                trace.add(.stored([]))
                trace.restartBridge()
                trace.tell("wanda", .offline("bob", seq: 4))
            } == 1
        )
    }

    @Test("Whoever is forgotten and back within a turn begins anew, but not too early")
    func back() {
        for (forgetAfter, count) in [(10, 0), (1_000_000, 0), (0, 1), (2_000_000_000, 1)]
            as [(Int64, Int)]
        {
            var limits = CheckedLimits()
            limits.forgetAfter = forgetAfter
            let found = sentences(SeqNeverBack.self, limits) { trace in
                trace.status(.offline("bob", seq: 5))
                trace.status(StatusSeen(username: "bob", description: "x", updated: 1_001, seq: 6))
            }
            #expect(found.count == count)
        }
    }
}
