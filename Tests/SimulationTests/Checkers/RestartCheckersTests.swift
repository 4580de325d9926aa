import Presence
import Simulation
import Testing

@Suite("Checkers of restarts")
struct RestartCheckersTests {
    @Test("In a quiet restart nothing is published, but before and after it")
    func quiet() {
        for kind in [Entry.Quiet.bridgeRestart, .brokerRestart] {
            func found(_ inside: (inout Trace) -> Void) -> Int {
                sentences(QuietMeansQuiet.self) { trace in
                    trace.tell("wanda", .online("bob", seq: 1))
                    trace.status(.online("bob", seq: 1))
                    trace.add(.quietBegan(kind))
                    inside(&trace)
                    trace.add(.quietEnded)
                    trace.tell("wanda", .online("bob", seq: 2))
                    trace.status(.online("bob", seq: 2))
                }.count
            }
            #expect(found { $0.restartBridge() } == 0)
            #expect(found { $0.tell("wanda", .online("bob", seq: 1)) } == 1)
            #expect(found { $0.status(.offline("bob", seq: 2)) } == 1)
            #expect(found { $0.add(.status(user: "bob", nil)) } == 0)
            #expect(found { $0.tell("wanda", ended: ["bob"]) } == 0)
            let isRepeated = found { $0.status(.online("bob", seq: 1)) }
            #expect(isRepeated == (kind == .bridgeRestart ? 1 : 0))
        }
    }

    @Test("In a quiet restart only a status that was not true may become so")
    func untrue() {
        for (truth, count) in [("online", 2), ("busy", 0)] {
            let found = sentences(QuietMeansQuiet.self) { trace in
                trace.status(.online("bob", seq: 1))
                let rest = Rest(
                    truth: ["bob": ["d": truth]],
                    unsure: ["bob/d"],
                    statuses: ["bob": .online("bob", seq: 1)]
                )
                trace.add(.rest(rest))
                trace.add(.quietBegan(.bridgeRestart))
                trace.tell("wanda", .online("bob", ["d": "busy"], seq: 2))
                trace.status(.online("bob", ["d": "busy"], seq: 2))
            }
            #expect(found.count == count)
        }
    }

    /// What is found where the plain thing bob was online, something happens in the broker's restart,
    /// and bob's devices are these.
    private func plain(
        _ devices: [String: String],
        _ unsure: Set<String> = [],
        inside: (inout Trace) -> Void
    ) -> [String] {
        sentences(QuietMeansQuiet.self) { trace in
            let status = StatusSeen.online("bob", seq: 1)
            trace.status(status)
            trace.add(.plain(users: ["bob"]))
            trace.add(.rest(Rest(truth: ["bob": ["d": "online"]], statuses: ["bob": status])))
            trace.add(.quietBegan(.plainRestart))
            inside(&trace)
            trace.add(.quietEnded)
            trace.add(.rest(Rest(truth: ["bob": devices], unsure: unsure)))
        }
    }

    @Test("A plain thing that is back is never told offline, and one that is not may be")
    func plainThing() {
        let sentence = "bob is back, and something was told of it meanwhile"
        let statuses = { (trace: inout Trace) in trace.status(.offline("bob", seq: 2)) }
        let events = { (trace: inout Trace) in trace.tell("wanda", .offline("bob", seq: 2)) }
        for lie in [statuses, events] {
            #expect(plain(["d": "online"], inside: lie) == [sentence])
            #expect(plain(["d": "online"], ["bob/d"], inside: lie) == [])
            #expect(plain([:], inside: lie) == [])
        }
        #expect(plain(["d": "online"]) { $0.status(.online("bob", seq: 1)) } == [])
        #expect(plain(["d": "online"]) { $0.status(.offline("carol", seq: 2)) } == [])
        #expect(plain(["d": "online"]) { _ in } == [])
    }

    @Test("What a connection begins with is followed by the bridge's online")
    func burst() {
        for (pause, count) in [(10, 0), (2_000, 1)] as [(Int64, Int)] {
            let found = sentences(SilentUntilServing.self) { trace in
                trace.add(.bridgeCutOff)
                trace.pass(10)
                trace.tell("wanda", .online("bob", seq: 1))
                trace.pass(1_000)
                trace.tell("wanda", .online("bob", seq: 1))
                trace.status(.online("bob", seq: 1))
                trace.pass(pause)
                trace.add(.bridgeServes(epoch: 1))
                trace.pass(5_000)
                trace.status(.online("bob", seq: 1))
            }
            #expect(found.count == count)
        }
    }

    @Test("A bridge that is cut off again may have begun to tell")
    func cutOffAgain() {
        let found = sentences(SilentUntilServing.self) { trace in
            trace.add(.bridgeCutOff)
            trace.pass(1_000)
            trace.status(.online("bob", seq: 1))
            trace.add(.bridgeCutOff)
            trace.pass(5_000)
            trace.add(.bridgeServes(epoch: 1))
        }
        #expect(found == [])
    }

    @Test("A bridge that stands still with its events out may go on with its online later")
    func standsStill() {
        for (fault, count) in [
            (Fault.bridgePaused, 0), (.messagesDropped, 0), (.bridgePartitioned, 0),
            (.clientCrashed, 1),
        ] {
            let found = sentences(SilentUntilServing.self) { trace in
                trace.add(.bridgeCutOff)
                trace.pass(1_000)
                trace.tell("wanda", .online("bob", seq: 1))
                trace.add(.fault(fault))
                trace.pass(4_000)
                trace.status(.online("bob", seq: 1))
                trace.add(.bridgeServes(epoch: 1))
            }
            #expect(found.count == count)
        }
    }

    @Test("A bridge says online once with each connection and epoch")
    func twice() {
        let found = sentences(SilentUntilServing.self) { trace in
            trace.add(.bridgeServes(epoch: 2))
            trace.add(.bridgeCutOff)
            trace.pass(1_000)
            trace.add(.bridgeServes(epoch: 2))
            trace.add(.bridgeServes(epoch: 2))
        }
        #expect(found == ["the bridge says online twice"])
    }

    @Test("An online that was on its way when the connection ended is not the next connection's")
    func onItsWay() {
        let found = sentences(SilentUntilServing.self) { trace in
            trace.add(.bridgeCutOff)
            trace.pass(10)
            trace.add(.bridgeServes(epoch: 2))
            trace.pass(1_000)
            trace.add(.bridgeServes(epoch: 2))
        }
        #expect(found == [])
    }

    @Test("A bridge that is away answers nobody")
    func answer() {
        for (pause, count) in [(10, 0), (1_000, 1)] as [(Int64, Int)] {
            let found = sentences(SilentUntilServing.self) { trace in
                trace.add(.bridgeCutOff)
                trace.pass(pause)
                trace.answer("bob", "get", "t1")
                trace.answer("bob", "announce", nil)
                trace.add(.bridgeServes(epoch: 1))
                trace.answer("bob", "get", "t2")
            }
            #expect(found.count == count)
        }
    }

    @Test("The epoch and the time of sync never go back, unless they could not be stored")
    func time() {
        let serve = { (trace: inout Trace, epoch: Int64, time: Int64) in
            trace.restartBridge(epoch: epoch)
            trace.answer("bob", "sync", "t", [("time", .integer(time))])
        }
        #expect(
            sentences(TimeNeverBack.self) { trace in
                serve(&trace, 2, 100)
                serve(&trace, 2, 100)
                serve(&trace, 3, 101)
            } == []
        )
        #expect(
            sentences(TimeNeverBack.self) { trace in
                serve(&trace, 2, 100)
                serve(&trace, 1, 99)
            }.count == 2
        )
        #expect(
            sentences(TimeNeverBack.self) { trace in
                serve(&trace, 1, 99)
                trace.add(.storeRefused)
                trace.add(.bridgeServes(epoch: 2))
                trace.answer("bob", "sync", "t", [("time", .integer(100))])
                serve(&trace, 1, 99)
                serve(&trace, 1, 98)
            }.count == 1
        )
    }
}
