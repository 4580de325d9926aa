import Presence
import Simulation
import Testing

@Suite("Checker: status is truth")
struct StatusIsTruthTests {
    /// What is found at a rest, after alice came online and bob went.
    private func breaches(
        of rest: Rest,
        before: (inout Trace) -> Void = { _ in }
    ) -> [String] {
        sentences(StatusIsTruth.self) { trace in
            trace.state("alice", "d", "online")
            trace.state("bob", "d", #"{"status":"away"}"#)
            trace.state("carol", "d", "invisible")
            before(&trace)
            trace.pass(10_000)
            trace.add(.rest(rest))
        }
    }

    private let statuses: [String: StatusSeen] = [
        "alice": .online("alice", seq: 1), "bob": .offline("bob", seq: 2),
    ]
    private var answers: [String: StatusSeen] {
        statuses.merging(["carol": StatusSeen(username: "carol", seq: 0)]) { $1 }
    }
    private let truth = ["alice": ["d": "online"], "bob": [:], "carol": [:]]

    @Test("A rest at which everything is right passes")
    func right() {
        #expect(breaches(of: Rest(truth: truth, statuses: statuses, answers: answers)) == [])
    }

    @Test("A ghost, a missing device and a wrong word are found, but not of an unsure device")
    func lies() {
        for lie in [["d": "online", "e": "online"], [:], ["d": "busy"]] {
            var truth = truth
            truth["alice"] = lie
            let rest = Rest(truth: truth, statuses: statuses, answers: answers)
            #expect(breaches(of: rest).count == 1)
            let unsure: Set<String> = ["alice/d", "alice/e"]
            let doubtful = Rest(truth: truth, unsure: unsure, statuses: statuses, answers: answers)
            #expect(breaches(of: doubtful) == [])
        }
    }

    @Test("An online user without a status is found")
    func missing() {
        let rest = Rest(truth: ["alice": ["d": "online"]])
        #expect(breaches(of: rest) == ["alice's d is online, and its status says not online"])
    }

    @Test("A status of someone never seen is found")
    func neverSeen() {
        var statuses = statuses
        statuses["carol"] = .offline("carol", seq: 3)
        let rest = Rest(truth: truth, statuses: statuses)
        #expect(breaches(of: rest) == ["carol was never seen and has a status"])
    }

    @Test("An answer that differs from what is retained is found")
    func answer() {
        var answers = answers
        answers["bob"] = .offline("bob", seq: 2, cause: "lost")
        #expect(breaches(of: Rest(truth: truth, statuses: statuses, answers: answers)).count == 1)
        answers["bob"] = statuses["bob"]
        answers["carol"] = StatusSeen(username: "carol", description: "hidden", seq: 0)
        #expect(breaches(of: Rest(truth: truth, statuses: statuses, answers: answers)).count == 1)
    }

    @Test("A status whose parts disagree is found")
    func parts() {
        var statuses = statuses
        statuses["alice"]?.status = "busy"
        statuses["bob"]?.cause = nil
        #expect(breaches(of: Rest(truth: truth, statuses: statuses)).count == 2)
    }

    @Test("A status that was there and is gone is found, unless its user was forgotten")
    func lost() {
        let rest = Rest(truth: truth, statuses: ["alice": .online("alice", seq: 1)])
        let gone = { (trace: inout Trace) in trace.status(.offline("bob", seq: 2)) }
        #expect(breaches(of: rest, before: gone) == ["bob has lost its status"])
        let forgotten = { (trace: inout Trace) in
            gone(&trace)
            trace.add(.status(user: "bob", nil))
        }
        #expect(breaches(of: rest, before: forgotten) == [])
        let forgottenInStore = { (trace: inout Trace) in
            trace.add(.stored([.putUser(UserRecord(id: 1, name: Name(checked: "bob"), seq: 2))]))
            gone(&trace)
            trace.add(.stored([.removeUser(1)]))
        }
        #expect(breaches(of: rest, before: forgottenInStore) == [])
    }

    @Test("What was told while the store refused writes may be lost with the bridge")
    func doubt() {
        let rest = Rest(truth: truth, statuses: ["alice": .online("alice", seq: 1)])
        let doubtful = { (trace: inout Trace) in
            trace.add(.storeRefused)
            trace.status(.offline("bob", seq: 2))
        }
        #expect(breaches(of: rest, before: doubtful) == ["bob has lost its status"])
        #expect(
            breaches(of: rest) { trace in
                doubtful(&trace)
                trace.restartBridge()
            } == []
        )
    }
}
