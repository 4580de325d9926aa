import Presence
import Simulation
import Testing

@Suite("Coverage")
struct ReachTests {
    private func coverage(_ build: (inout Trace) -> Void) -> Coverage {
        var trace = Trace()
        trace.add(.bridgeServes(epoch: 1))
        build(&trace)
        var inspection = Inspection([])
        inspection.read(trace.entries)
        return inspection.coverage
    }

    /// What a history comes by, with how often.
    private func counts(_ build: (inout Trace) -> Void) -> [String: Int] { coverage(build).counts }

    @Test("Nothing is reached by nothing, and it adds up over runs")
    func sums() {
        var sum = Coverage()
        #expect(sum.missing == Coverage.everything)
        let one = coverage { $0.add(.fault(.storeFull)) }
        sum.add(one)
        sum.add(one)
        #expect(sum[.storeFull] == 2)
        #expect(sum.missing.count == Coverage.everything.count - 1)
        #expect(Set(Coverage.everything).count == Coverage.everything.count)
    }

    @Test("Each fault and each error code counts")
    func faultsAndErrors() {
        let coverage = coverage { trace in
            for fault in Fault.allCases { trace.add(.fault(fault)) }
            for code in ErrorCode.allCases {
                trace.answer("bob", "get", "t", code: code.rawValue)
            }
        }
        let missing = Set(coverage.missing).union(coverage.missingOfAdopted)
            .union(coverage.missingOfSharing)
        let rules = Coverage.Rule.allCases.filter { !$0.isOfOperator }
        #expect(missing == Set(rules.map(\.rawValue)))
        #expect(coverage[error: "unavailable"] == 1)
    }

    @Test("A store counts as taken over by another bridge than the last, and as lost")
    func sharedStore() {
        #expect(
            counts { trace in
                for bridge in ["a", "a", "b"] { trace.add(.storeTaken(bridge: bridge)) }
                trace.add(.storeLost(bridge: "a"))
            } == ["store taken over": 1, "store lost": 1]
        )
    }

    @Test("The will of an old connection counts when the bridge puts the word back")
    func staleWill() {
        let will = { (trace: inout Trace, session: String) in
            trace.state("bob", "d", #"{"session":"b"}"#)
            trace.state("bob", "d", #"{"status":"lost","session":"\#(session)"}"#, by: .will)
        }
        let answer = { (trace: inout Trace) in
            trace.state("bob", "d", #"{"status":"online","by":"x"}"#, by: .bridge)
        }
        #expect(counts { will(&$0, "a") } == [:])
        #expect(
            counts { trace in
                will(&trace, "a")
                answer(&trace)
            } == ["stale will ignored": 1]
        )
        #expect(
            counts { trace in
                will(&trace, "b")
                answer(&trace)
            } == [:]
        )
    }

    @Test("A device that is gone and back counts when nothing was told")
    func flap() {
        for isTold in [false, true] {
            let counts = counts { trace in
                trace.state("bob", "d", "offline")
                trace.state("bob", "d", "online")
                trace.state("bob", "d", "lost", by: .will)
                if isTold { trace.status(.offline("bob", seq: 1, cause: "lost")) }
                trace.state("bob", "d", "away")
            }
            #expect(counts == (isTold ? [:] : ["flap absorbed": 1]))
        }
    }

    @Test("Each cause of a going counts")
    func causes() {
        for (cause, name) in [
            ("logout", "logout"), ("lost", "lost"), ("ttl", "ttl verdict"),
            ("restart", "restart verdict"),
        ] {
            #expect(
                counts { trace in
                    trace.status(.online("bob", seq: 1))
                    trace.status(.offline("bob", seq: 2, cause: cause))
                    trace.status(.offline("bob", seq: 3, cause: cause))
                } == [name: 1]
            )
        }
    }

    @Test("Garbage that is put right, invisible devices, and words found late count")
    func devices() {
        #expect(
            counts { trace in
                trace.state("bob", "d", "invisible")
                trace.state("bob", "d", "{")
                trace.answer("bob", "device", nil, code: "malformed_request")
                trace.state("bob", "d", "invisible", by: .bridge)
            } == ["invisible": 1, "garbage put right": 1, "error malformed_request": 1]
        )
        for (pause, count) in [(6_000, 1), (4_000, nil)] as [(Int64, Int?)] {
            #expect(
                counts { trace in
                    trace.pass(10_000)
                    trace.state("bob", "d", "online")
                    trace.pass(pause)
                    trace.status(.online("bob", seq: 1))
                }["word found late"] == count
            )
        }
    }

    @Test("What becomes of statuses counts")
    func statuses() {
        #expect(
            counts { trace in
                trace.status(.online("bob", seq: 1, description: "x"))
                trace.status(.online("bob", seq: 1, description: "x"))
                trace.status(.online("bob", seq: 2))
                trace.add(.status(user: "bob", nil))
            } == ["status put right": 1, "description expired": 1, "user forgotten": 1]
        )
        #expect(
            counts { trace in
                trace.status(.online("bob", seq: 1, description: "x"))
                let tag = trace.ask("bob", "publish", [("description", .string(""))])
                trace.status(.online("bob", seq: 2))
                trace.answer("bob", "publish", tag)
            } == [:]
        )
    }

    @Test("What watchers are told counts")
    func watchers() {
        let counts = counts { trace in
            trace.subscribe("wanda", "bob")
            trace.subscribe("wanda", "*")
            trace.tell("wanda", .online("bob", seq: 1))
            trace.status(.online("bob", seq: 1))
            trace.status(.online("bob", seq: 2))
            trace.pass(100)
            trace.tell("wanda", .online("bob", seq: 3), .online("carol", seq: 4))
            trace.tell("wanda", ended: ["bob"])
            trace.pass(100)
            trace.add(.told(watcher: "wanda", [.ended(user: "bob", how: "evicted")], bytes: 9))
            trace.unsubscribeFromAll("wanda")
            trace.pass(100)
            trace.tell("wanda", .online("dave", seq: 5))
        }
        #expect(
            counts == [
                "status overtaken": 1, "told by all": 1, "batch of several": 1, "batch split": 1,
                "expiry told": 1, "eviction told": 1,
            ]
        )
    }

    @Test("What becomes of requests counts")
    func requests() {
        let counts = counts { trace in
            let tag = trace.askSubscribe("wanda", ["bob"], expiry: 9)
            if case .asked(let request)? = trace.entries.last?.event { trace.add(.asked(request)) }
            trace.answerSubscribe(
                "wanda",
                tag,
                [],
                until: 0,
                evicted: ["carol"],
                rejected: ["dave"]
            )
            trace.ask("bob", "get")
            trace.answer("bob", "announce", nil)
            trace.add(.rest(Rest()))
        }
        #expect(
            counts == [
                "request twice": 1, "subscription replaced": 1, "subscription rejected": 1,
                "request unanswered": 1, "announce sent": 1, "rest": 1,
            ]
        )
    }

    @Test("Plain things count by how the broker ended, and whether the bridge was back first")
    func things() {
        func found(_ end: Fault, _ back: (inout Trace) -> Void) -> [String: Int] {
            var counts = counts { trace in
                trace.add(.plain(users: ["bob"]))
                trace.state("bob", "d", "online")
                trace.add(.quietBegan(.plainRestart))
                trace.add(.fault(end))
                if end == .brokerStopped { trace.state("bob", "d", "lost", by: .will) }
                trace.add(.brokerStarted)
                back(&trace)
                trace.add(.quietEnded)
                trace.state("bob", "d", "online")
            }
            for key in counts.keys where !key.hasPrefix("plain thing") { counts[key] = nil }
            return counts
        }
        let first = { (trace: inout Trace) in
            trace.state("bob", "d", "online")
            trace.add(.bridgeServes(epoch: 2))
        }
        let after = { (trace: inout Trace) in
            trace.add(.bridgeServes(epoch: 2))
            trace.state("bob", "d", "online")
        }
        let lost = { (trace: inout Trace) in
            trace.status(.offline("bob", seq: 2, cause: "restart"))
        }
        #expect(
            found(.brokerStopped, first) == [
                "plain thing's will at the broker's end": 1,
                "plain thing first after an orderly end": 1,
            ]
        )
        #expect(found(.brokerKilled, first) == ["plain thing first after a crash": 1])
        #expect(found(.brokerEmptied, first) == ["plain thing first at an empty broker": 1])
        #expect(found(.brokerKilled, after) == ["plain thing back after the bridge": 1])
        #expect(found(.brokerKilled, lost) == ["plain thing lost by a restart": 1])
    }

    @Test("Restarts and refusals of the store count")
    func restarts() {
        let counts = counts { trace in
            trace.add(.storeRefused)
            trace.add(.quietBegan(.bridgeRestart))
            trace.restartBridge()
            trace.add(.quietBegan(.brokerRestart))
            trace.restartBridge(epoch: 2)
            trace.add(.deserted(Footprint()))
        }
        #expect(
            counts == [
                "store refused": 1, "quiet restart of the bridge": 1,
                "quiet restart of the broker": 1, "epoch rose": 1, "deserted": 1,
            ]
        )
    }
}
