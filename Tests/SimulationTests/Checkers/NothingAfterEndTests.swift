import Simulation
import Testing

@Suite("Checker: nothing after the end")
struct NothingAfterEndTests {
    private func breaches(
        _ limits: CheckedLimits = CheckedLimits(),
        _ build: (inout Trace) -> Void
    ) -> Int {
        sentences(NothingAfterEnd.self, limits) { trace in
            build(&trace)
            trace.pass(10_000)
            trace.add(.turn(read: 0, sent: 0, stored: 0))
        }.count
    }

    private func bob(_ seq: Int64) -> StatusSeen { .online("bob", seq: seq) }

    @Test("Someone who never subscribed is told nothing")
    func stranger() {
        #expect(breaches { $0.tell("wanda", bob(1)) } == 1)
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "carol")
                trace.tell("wanda", bob(1))
            } == 1
        )
    }

    @Test("A subscription by name or to everyone is told, and so is one that is only asked for")
    func subscribed() {
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.tell("wanda", bob(1))
                trace.subscribe("wilma", "*")
                trace.tell("wilma", bob(1))
                trace.askSubscribe("will", ["bob"], expiry: 10)
                trace.tell("will", bob(1))
            } == 0
        )
    }

    @Test("After an answer to unsubscribe nothing is told, unless it is to everyone or anew")
    func unsubscribed() {
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.unsubscribe("wanda", "bob")
                trace.tell("wanda", bob(1))
            } == 1
        )
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.subscribe("wanda", "*")
                trace.unsubscribe("wanda", "bob")
                trace.tell("wanda", bob(1))
                trace.unsubscribeFromAll("wanda")
                trace.askSubscribe("wanda", ["bob"], expiry: 10)
                trace.tell("wanda", bob(2))
            } == 0
        )
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.subscribe("wanda", "*")
                trace.unsubscribeFromAll("wanda", "bob")
                trace.tell("wanda", bob(1))
            } == 1
        )
    }

    @Test("A request that was refused makes no subscription")
    func refused() {
        #expect(
            breaches { trace in
                let tag = trace.askSubscribe("wanda", ["bob"], expiry: 10)
                trace.answer("wanda", "subscribe", tag, code: "unavailable")
                trace.tell("wanda", bob(1))
            } == 1
        )
    }

    @Test("After the notice of its end nothing is told, before it what was collected is")
    func notice() {
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob", expiry: 10)
                trace.pass(11_500)
                trace.tell("wanda", bob(1), ended: ["bob"])
            } == 0
        )
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob", expiry: 10)
                trace.pass(10_100)
                trace.tell("wanda", ended: ["bob"])
                trace.pass(200)
                trace.tell("wanda", bob(1))
            } == 1
        )
    }

    @Test("The notice may come in the next part of the message")
    func split() {
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob", expiry: 10)
                trace.pass(11_500)
                trace.tell("wanda", bob(1))
                trace.tell("wanda", ended: ["bob"])
            } == 0
        )
    }

    @Test("What was evicted is told until the notice, and not after it")
    func evicted() {
        var limits = CheckedLimits()
        limits.maxSubscriptions = 1
        let evict = { (trace: inout Trace) in
            trace.subscribe("wanda", "bob", expiry: 10)
            let tag = trace.askSubscribe("wanda", ["carol"], expiry: 20)
            let end = trace.second + 20
            trace.answerSubscribe("wanda", tag, ["carol"], until: end, evicted: ["bob"])
        }
        #expect(
            breaches(limits) { trace in
                evict(&trace)
                trace.tell("wanda", bob(1), ended: ["bob"])
            } == 0
        )
        #expect(
            breaches(limits) { trace in
                evict(&trace)
                trace.tell("wanda", ended: ["bob"])
                trace.tell("wanda", bob(1))
            } == 1
        )
    }

    @Test("Past its expiry nothing is told, but for a moment, and for a clock that was just set")
    func expired() {
        let subscribed = { (trace: inout Trace) in
            _ = trace.subscribe("wanda", "bob", expiry: 10)
            trace.tell("wanda", bob(1))
        }
        #expect(
            breaches { trace in
                subscribed(&trace)
                trace.pass(10_050)
                trace.tell("wanda", bob(2))
            } == 0
        )
        #expect(
            breaches { trace in
                subscribed(&trace)
                trace.pass(10_200)
                trace.tell("wanda", bob(2))
            } == 1
        )
        #expect(
            breaches { trace in
                subscribed(&trace)
                trace.stepClock(3_600_000)
                trace.tell("wanda", bob(2))
                trace.pass(5_000)
                trace.add(.rest(Rest()))
            } == 0
        )
        #expect(
            breaches { trace in
                subscribed(&trace)
                trace.stepClock(3_600_000)
                trace.add(.fault(.clockStepped))
                trace.pass(5_000)
                trace.tell("wanda", bob(2))
            } == 1
        )
    }

    @Test("A request without an answer may have been carried out, until one with an answer")
    func unanswered() {
        let unanswered = { (trace: inout Trace) in
            _ = trace.askSubscribe("wanda", ["bob"], expiry: 100)
            trace.restartBridge()
        }
        #expect(
            breaches { trace in
                unanswered(&trace)
                trace.tell("wanda", bob(1))
            } == 0
        )
        #expect(
            breaches { trace in
                unanswered(&trace)
                trace.unsubscribe("wanda", "bob")
                trace.tell("wanda", bob(1))
            } == 1
        )
    }

    @Test("What a stalled connection held back may come late")
    func partitioned() {
        let late = { (trace: inout Trace) in
            trace.subscribe("wanda", "bob", expiry: 10)
            trace.add(.fault(.bridgePartitioned))
            trace.pass(20_000)
        }
        #expect(
            breaches { trace in
                late(&trace)
                trace.tell("wanda", bob(1))
            } == 0
        )
        #expect(
            breaches { trace in
                late(&trace)
                trace.restartBridge()
                trace.tell("wanda", bob(1))
            } == 1
        )
    }
}
