import Simulation
import Testing

@Suite("Checker: every change is told")
struct EveryChangeToldTests {
    private func breaches(
        _ limits: CheckedLimits = CheckedLimits(),
        _ build: (inout Trace) -> Void
    ) -> Int {
        sentences(EveryChangeTold.self, limits) { trace in
            build(&trace)
            trace.pass(10_000)
            trace.add(.rest(Rest()))
        }.count
    }

    private func bob(_ seq: Int64) -> StatusSeen { .online("bob", seq: seq) }

    @Test("A change that is told before, after, or by a newer one passes")
    func told() {
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.subscribe("wilma", "*")
                trace.tell("wanda", bob(1))
                trace.status(bob(1))
                trace.status(bob(2))
                trace.pass(100)
                trace.tell("wanda", bob(3))
                trace.tell("wilma", bob(3))
                trace.status(bob(3))
            } == 0
        )
    }

    @Test("A change that is told to nobody, or to one of two, is found")
    func silent() {
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.subscribe("wilma", "*")
                trace.status(bob(1))
            } == 2
        )
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.subscribe("wilma", "bob")
                trace.tell("wilma", bob(1))
                trace.status(bob(1))
            } == 1
        )
    }

    @Test("A change is retained before it is told only while it is collected")
    func retainedFirst() {
        for (pause, count) in [(100, 0), (250, 0), (350, 1)] as [(Int64, Int)] {
            #expect(
                breaches { trace in
                    trace.subscribe("wanda", "bob")
                    trace.pass(1_000)
                    trace.tell("wanda", bob(1))
                    trace.status(bob(1))
                    trace.pass(pause)
                    trace.status(bob(2))
                    trace.tell("wanda", bob(2))
                } == count
            )
        }
    }

    @Test("An older status than the change does not count")
    func older() {
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.status(bob(5))
                trace.tell("wanda", bob(4))
            } == 1
        )
    }

    @Test("Nothing is owed to someone whose subscription is not certain, or is over")
    func uncertain() {
        var limits = CheckedLimits()
        limits.maxSubscriptions = 1
        #expect(
            breaches(limits) { trace in
                let tag = trace.askSubscribe("wanda", ["bob"], expiry: 100)
                trace.status(bob(1))
                trace.answerSubscribe("wanda", tag, ["bob"], until: trace.second + 100)
                trace.askSubscribe("wanda", ["carol"], expiry: 200)
                trace.status(bob(2))
            } == 0
        )
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.ask("wanda", "unsubscribe", [("usernames", .names(["bob"]))])
                trace.status(bob(1))
                trace.subscribe("wilma", "bob", expiry: 5)
                trace.pass(4_500)
                trace.status(bob(2))
            } == 0
        )
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.status(bob(1))
                trace.unsubscribe("wanda", "bob")
            } == 0
        )
    }

    @Test("Nothing is owed of a user who may have given way before there was room")
    func gaveWay() {
        var limits = CheckedLimits()
        for (room, count) in [(2, 0), (3, 1)] {
            limits.maxSubscriptions = room
            let found = breaches(limits) { trace in
                trace.subscribe("wanda", "bob")
                trace.subscribe("wanda", "*", expiry: 5)
                trace.askSubscribe("wanda", ["carol"], expiry: 800)
                trace.add(.bridgeEnded(isCrash: true))
                trace.pass(5_000)
                trace.add(.bridgeStarted)
                trace.tell("wanda", ended: ["*"])
                trace.status(bob(1))
                trace.add(.bridgeServes(epoch: 1))
            }
            #expect(found == count)
        }
    }

    @Test("Nothing is owed of a user who may have given way to several requests together")
    func gaveWayToSeveral() {
        var limits = CheckedLimits()
        for (room, count) in [(2, 0), (3, 1)] {
            limits.maxSubscriptions = room
            let found = breaches(limits) { trace in
                trace.subscribe("wanda", "bob")
                trace.askSubscribe("wanda", ["carol"], expiry: 800)
                trace.askSubscribe("wanda", ["dave"], expiry: 800)
                trace.status(bob(1))
            }
            #expect(found == count)
        }
    }

    @Test("A bridge that ends or is cut off may take its events with it")
    func interrupted() {
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.status(bob(1))
                trace.restartBridge()
            } == 0
        )
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.status(bob(1))
                trace.add(.bridgeCutOff)
                trace.add(.bridgeServes(epoch: 1))
            } == 0
        )
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob")
                trace.add(.bridgeEnded(isCrash: true))
                trace.pass(10)
                trace.status(bob(1))
                trace.pass(2_000)
                trace.add(.bridgeServes(epoch: 1))
            } == 0
        )
    }

    @Test("What a new connection writes is told, unless the epoch rose with it")
    func connected() {
        for epoch in [1, 2] as [Int64] {
            #expect(
                breaches { trace in
                    trace.subscribe("wanda", "bob")
                    trace.add(.bridgeCutOff)
                    trace.pass(1_000)
                    trace.status(bob(1))
                    trace.add(.bridgeServes(epoch: epoch))
                } == (epoch == 1 ? 1 : 0)
            )
        }
    }

    @Test("A status that is put right is no change")
    func putRight() {
        #expect(
            breaches { trace in
                trace.status(bob(1))
                trace.subscribe("wanda", "bob")
                trace.status(bob(1))
            } == 0
        )
    }

    @Test("The end of a subscription is told after what happened before it")
    func end() {
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob", expiry: 5)
                trace.pass(3_000)
                trace.status(bob(1))
                trace.pass(2_000)
                trace.tell("wanda", ended: ["bob"])
            } == 1
        )
        #expect(
            breaches { trace in
                trace.subscribe("wanda", "bob", expiry: 5)
                trace.pass(3_000)
                trace.status(bob(1))
                trace.pass(2_000)
                trace.tell("wanda", bob(1), ended: ["bob"])
            } == 0
        )
    }

    @Test("Of a user who is forgotten with the subscription nothing is owed")
    func forgotten() {
        for (forgetAfter, count) in [(10, 0), (2_000_000_000, 1)] as [(Int64, Int)] {
            var limits = CheckedLimits()
            limits.forgetAfter = forgetAfter
            let found = breaches(limits) { trace in
                trace.subscribe("wanda", "bob", expiry: 5)
                trace.status(.offline("bob", seq: 1))
                trace.pass(60_000)
                trace.tell("wanda", ended: ["bob"])
                trace.add(.status(user: "bob", nil))
            }
            #expect(found == count)
        }
    }
}
