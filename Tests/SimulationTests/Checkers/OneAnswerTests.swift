import Simulation
import Testing

@Suite("Checker: one answer")
struct OneAnswerTests {
    private func breaches(
        drops: Bool = false,
        _ build: (inout Trace) -> Void
    ) -> Int {
        var limits = CheckedLimits()
        limits.dropsRequests = drops
        return sentences(OneAnswer.self, limits) { trace in
            build(&trace)
            trace.pass(10_000)
            trace.add(.rest(Rest()))
        }.count
    }

    @Test("Each copy of a request has an answer")
    func copies() {
        for (answers, count) in [(2, 0), (1, 1), (3, 1)] {
            #expect(
                breaches { trace in
                    let tag = trace.ask("bob", "get")
                    if case .asked(let request)? = trace.entries.last?.event {
                        trace.add(.asked(request))
                    }
                    for _ in 0..<answers { trace.answer("bob", "get", tag) }
                } == count
            )
        }
    }

    @Test("A request without an answer, and an answer to another user or operation, are found")
    func wrong() {
        #expect(breaches { $0.ask("bob", "get") } == 1)
        #expect(breaches { $0.answer("bob", "get", "t1") } == 1)
        #expect(
            breaches { trace in
                let tag = trace.ask("bob", "get")
                trace.answer("carol", "get", tag)
            } == 2
        )
        #expect(
            breaches { trace in
                let tag = trace.ask("bob", "get")
                trace.answer("bob", "sync", tag)
            } == 2
        )
    }

    @Test("Silence is right where the bridge ended, was cut off, or did not serve yet")
    func interrupted() {
        #expect(
            breaches { trace in
                trace.ask("bob", "get")
                trace.restartBridge()
            } == 0
        )
        #expect(
            breaches { trace in
                trace.ask("bob", "get")
                trace.add(.bridgeCutOff)
                trace.add(.bridgeServes(epoch: 1))
            } == 0
        )
        #expect(
            breaches { trace in
                trace.add(.bridgeCutOff)
                trace.ask("bob", "get")
                trace.add(.bridgeServes(epoch: 1))
            } == 0
        )
        #expect(
            breaches { trace in
                trace.restartBridge()
                trace.ask("bob", "get")
            } == 1
        )
    }

    @Test("A request that died with its bridge is not answered by the next")
    func late() {
        #expect(
            breaches { trace in
                let tag = trace.ask("bob", "get")
                trace.restartBridge()
                trace.answer("bob", "get", tag)
            } == 1
        )
    }

    @Test("What is said unasked needs no request, but an answer without a tag does")
    func unasked() {
        #expect(
            breaches { trace in
                trace.answer("bob", "announce", nil)
                trace.answer("bob", "device", nil, code: "invalid_status")
                trace.ask("bob", "frobnicate")
                trace.answer("bob", "frobnicate", nil, code: "unknown_operation")
            } == 0
        )
        #expect(breaches { $0.answer("bob", "frobnicate", nil) } == 1)
    }

    @Test("Requests may be dropped beside a refusal by the rate, where the rates are low")
    func dropped() {
        for (drops, pause, count) in [
            (true, 1_000, 0), (true, 2_000, 1), (false, 1_000, 1),
        ] as [(Bool, Int64, Int)] {
            #expect(
                breaches(drops: drops) { trace in
                    let tag = trace.ask("bob", "get")
                    trace.answer("bob", "get", tag, code: "rate_limited")
                    trace.pass(pause)
                    trace.ask("bob", "get")
                } == count
            )
        }
        #expect(
            breaches(drops: true) { trace in
                let tag = trace.ask("bob", "get")
                trace.answer("bob", "get", tag, code: "rate_limited")
                trace.ask("carol", "get")
            } == 1
        )
    }

    @Test("A refusal by a bridge that stood still may come late")
    func stalled() {
        for (fault, count) in [(Fault.bridgePaused, 0), (.clientCrashed, 1)] {
            #expect(
                breaches(drops: true) { trace in
                    trace.add(.fault(fault))
                    let tag = trace.ask("bob", "get")
                    trace.ask("bob", "get")
                    trace.pass(5_000)
                    trace.answer("bob", "get", tag, code: "rate_limited")
                } == count
            )
        }
    }
}
