import Presence
import Simulation
import Testing

@Suite("Checker: what is acknowledged holds")
struct AcknowledgedHoldsTests {
    private func breaches(
        _ found: [String: [String: Int64]],
        _ limits: CheckedLimits = CheckedLimits(),
        _ build: (inout Trace) -> Void
    ) -> Int {
        sentences(AcknowledgedHolds.self, limits) { trace in
            build(&trace)
            trace.add(.rest(Rest(subscriptions: found)))
        }.count
    }

    /// The second at which a trace begins.
    private let begun = Trace().second

    @Test("What was acknowledged is there, what was ended is not")
    func right() {
        #expect(
            breaches(["wanda": ["bob": begun + 600, "*": begun + 600], "wilma": [:]]) { trace in
                trace.subscribe("wanda", "bob", "carol")
                trace.subscribe("wanda", "*")
                trace.unsubscribe("wanda", "carol")
                trace.subscribe("wilma", "bob")
                trace.unsubscribeFromAll("wilma", "bob")
            } == 0
        )
    }

    @Test("One that is lost, one from nowhere, and another end are found")
    func wrong() {
        for found in [[:], ["bob": begun + 600, "dave": begun + 600], ["bob": begun + 601]] {
            #expect(
                breaches(["wanda": found]) { trace in
                    trace.subscribe("wanda", "bob")
                    trace.restartBridge()
                } == 1,
                "\(found)"
            )
        }
        #expect(breaches(["wanda": ["bob": begun + 600]]) { _ in } == 1)
    }

    @Test("One that was ended, evicted, rejected or refused is not there")
    func ended() {
        let found = ["wanda": ["bob": begun + 600]]
        #expect(
            breaches(found) { trace in
                trace.subscribe("wanda", "bob")
                trace.unsubscribe("wanda", "bob")
            } == 1
        )
        #expect(
            breaches(found) { trace in
                trace.subscribe("wanda", "bob")
                trace.tell("wanda", ended: ["bob"])
            } == 1
        )
        #expect(
            breaches(found) { trace in
                let tag = trace.askSubscribe("wanda", ["bob"], expiry: 600)
                trace.answer("wanda", "subscribe", tag, code: "unavailable")
            } == 1
        )
        #expect(
            breaches(found) { trace in
                let tag = trace.askSubscribe("wanda", ["bob"], expiry: 600)
                trace.answerSubscribe("wanda", tag, [], until: 0, rejected: ["bob"])
            } == 1
        )
    }

    @Test("Of a request without an answer both are right")
    func unanswered() {
        for found in [[:], ["bob": begun + 600], ["bob": begun + 601]] {
            #expect(
                breaches(["wanda": found]) { trace in
                    trace.askSubscribe("wanda", ["bob"], expiry: 600)
                    trace.pass(500)
                    trace.restartBridge()
                } == 0
            )
        }
        for found in [[:], ["bob": begun + 600]] {
            #expect(
                breaches(["wanda": found]) { trace in
                    trace.subscribe("wanda", "bob")
                    trace.ask("wanda", "unsubscribe", [("usernames", .names(["bob"]))])
                    trace.restartBridge()
                } == 0
            )
        }
        #expect(
            breaches(["wanda": ["bob": begun + 700]]) { trace in
                trace.askSubscribe("wanda", ["bob"], expiry: 600)
                trace.restartBridge()
            } == 1
        )
    }

    @Test("A request without an answer may have evicted, where there was no place")
    func evictions() {
        for limit in [1, 2] {
            var limits = CheckedLimits()
            limits.maxSubscriptions = limit
            #expect(
                breaches(["wanda": ["carol": begun + 700]], limits) { trace in
                    trace.subscribe("wanda", "bob")
                    trace.askSubscribe("wanda", ["carol"], expiry: 700)
                    trace.restartBridge()
                } == limit - 1
            )
        }
    }

    @Test("The next answer about it settles what was uncertain")
    func settled() {
        #expect(
            breaches(["wanda": ["bob": begun + 600]]) { trace in
                trace.askSubscribe("wanda", ["bob"], expiry: 600)
                trace.add(.bridgeCutOff)
                trace.add(.bridgeServes(epoch: 1))
                trace.unsubscribe("wanda", "bob")
            } == 1
        )
    }

    @Test("Both copies of a request count")
    func copies() {
        #expect(
            breaches(["wanda": ["bob": begun + 605]]) { trace in
                let tag = trace.askSubscribe("wanda", ["bob"], expiry: 600)
                trace.answerSubscribe("wanda", tag, ["bob"], until: trace.second + 600)
                trace.pass(5_000)
                let copy = trace.askSubscribe("wanda", ["bob"], expiry: 600)
                trace.answerSubscribe("wanda", copy, ["bob"], until: trace.second + 600)
            } == 0
        )
    }

    @Test("What has run out may be gone at once, and is gone seconds later")
    func expiry() {
        let found = ["wanda": ["bob": begun + 10]]
        for (pause, isThere, count) in [
            (9_000, true, 0), (9_000, false, 1), (10_500, true, 0), (10_500, false, 0),
            (13_000, true, 1), (13_000, false, 0),
        ] as [(Int64, Bool, Int)] {
            #expect(
                breaches(isThere ? found : [:]) { trace in
                    trace.subscribe("wanda", "bob", expiry: 10)
                    trace.pass(pause)
                } == count
            )
        }
    }

    @Test("What a clock had left behind before it was set back may be gone")
    func clock() {
        for (step, count) in [(3_600_000, 0), (1_000, 1)] as [(Int64, Int)] {
            #expect(
                breaches([:]) { trace in
                    trace.subscribe("wanda", "bob", expiry: 600)
                    trace.stepClock(step)
                    trace.add(.fault(.clockStepped))
                    trace.stepClock(-step)
                } == count
            )
        }
    }

    @Test("A rest is believed by the next one")
    func rests() {
        let found = ["wanda": ["bob": begun + 600]]
        #expect(
            breaches(found) { trace in
                trace.askSubscribe("wanda", ["bob"], expiry: 600)
                trace.restartBridge()
                trace.add(.rest(Rest(subscriptions: [:])))
            } == 1
        )
    }

    @Test("The end that was told while the store refused writes may be told again")
    func doubt() {
        #expect(
            breaches(["wanda": ["bob": begun + 600]]) { trace in
                trace.subscribe("wanda", "bob")
                trace.add(.storeRefused)
                trace.tell("wanda", ended: ["bob"])
            } == 0
        )
    }
}
