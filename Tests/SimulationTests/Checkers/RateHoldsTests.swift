import Simulation
import Testing

@Suite("Checker of the rate")
struct RateHoldsTests {
    /// How often a user is said to have more than its rate, of five at once and one a second.
    private func breaches(_ build: (inout Trace) -> Void) -> Int {
        var limits = CheckedLimits()
        (limits.requestRate, limits.requestBurst) = (1, 5)
        return sentences(RateHolds.self, limits, build).count
    }

    private func answer(_ count: Int, in trace: inout Trace, code: String? = nil) {
        for _ in 0..<count {
            let tag = trace.ask("wanda", "get")
            trace.answer("wanda", "get", tag, code: code)
        }
    }

    @Test("As many at once as a burst are answered, and one more is too many")
    func burst() {
        #expect(breaches { answer(5, in: &$0) } == 0)
        #expect(breaches { answer(6, in: &$0) } == 1)
        #expect(breaches { answer(6, in: &$0, code: "malformed_request") } == 1)
    }

    @Test("What is spent comes back with time, and no more than a burst")
    func refill() {
        let pauses: [(Int64, Int, Int)] = [
            (700, 1, 1), (900, 1, 0), (2_000, 2, 0), (2_000, 3, 1), (60_000, 5, 0), (60_000, 6, 1),
        ]
        for (pause, count, breaches) in pauses {
            let found = self.breaches { trace in
                answer(5, in: &trace)
                trace.pass(pause)
                answer(count, in: &trace)
            }
            #expect(found == breaches, "\(count) after \(pause) ms")
        }
    }

    @Test("Refusals by the rate, and what nobody asked for, cost nothing")
    func free() {
        #expect(
            breaches { trace in
                answer(5, in: &trace)
                answer(5, in: &trace, code: "rate_limited")
                trace.answer("wanda", "announce", nil)
            } == 0
        )
    }

    @Test("A bridge that starts again knows nothing of what was spent")
    func restart() {
        #expect(
            breaches { trace in
                answer(5, in: &trace)
                trace.restartBridge()
                answer(5, in: &trace)
            } == 0
        )
    }

    @Test("Answers that were held back come all at once")
    func late() {
        #expect(
            breaches { trace in
                trace.add(.fault(.bridgePartitioned))
                answer(9, in: &trace)
            } == 0
        )
    }
}
