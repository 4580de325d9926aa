import Simulation
import Testing

@Suite("Checker: status is whole")
struct StatusIsWholeTests {
    private func breaches(_ statuses: StatusSeen...) -> Int {
        let retained = sentences(StatusIsWhole.self) { trace in
            for status in statuses { trace.status(status) }
        }
        let told = sentences(StatusIsWhole.self) { trace in
            for status in statuses { trace.tell("wanda", status) }
        }
        #expect(retained == told)
        return retained.count
    }

    @Test("Statuses of users who are online, were, and only ever published, pass")
    func right() {
        let published = StatusSeen(username: "carol", description: "x", updated: 9, seq: 1)
        #expect(breaches(.online("alice", seq: 1), .offline("bob", seq: 2), published) == 0)
    }

    @Test("The ranking is by word, then by name")
    func ranking() {
        #expect(StatusIsWhole.ranking([:]) == "offline")
        #expect(StatusIsWhole.ranking(["a": "away", "b": "coffee", "c": "tea"]) == "coffee")
        #expect(StatusIsWhole.ranking(["a": "online", "b": "dnd", "c": "busy"]) == "dnd")
        #expect(StatusIsWhole.ranking(["b": "xa", "a": "idle"]) == "idle")
        var status = StatusSeen.online("alice", ["a": "away", "b": "busy"], seq: 1)
        #expect(breaches(status) == 1)
        status.status = "busy"
        #expect(breaches(status) == 0)
    }

    @Test("Each part that disagrees is found")
    func wrong() {
        let online = StatusSeen.online("alice", seq: 1)
        let offline = StatusSeen.offline("alice", seq: 1)
        let wrongs: [(StatusSeen, (inout StatusSeen) -> Void)] = [
            (online, { $0.online = false }), (online, { $0.status = "busy" }),
            (online, { $0.devices["e"] = "invisible" }), (online, { $0.devices["e"] = "lost" }),
            (online, { $0.devices["e"] = "offline" }), (online, { $0.cause = "lost" }),
            (online, { $0.since = nil }), (online, { $0.updated = nil }),
            (online, { $0.since = 2_000 }), (online, { $0.seq = 0 }),
            (online, { $0.expires = 5 }), (offline, { $0.online = true }),
            (offline, { $0.cause = nil }), (offline, { $0.cause = "boredom" }),
            (offline, { $0.since = nil }),
        ]
        for (right, spoil) in wrongs {
            var wrong = right
            spoil(&wrong)
            #expect(breaches(right) == 0)
            #expect(breaches(wrong) == 1, "\(wrong)")
        }
    }

    @Test("A status under another's topic, and one cleared of a user online, are found")
    func topic() {
        #expect(
            sentences(StatusIsWhole.self) { trace in
                trace.add(.status(user: "bob", .online("alice", seq: 1)))
            }.count == 1
        )
        #expect(
            sentences(StatusIsWhole.self) { trace in
                trace.status(.online("alice", seq: 1))
                trace.add(.status(user: "alice", nil))
                trace.status(.offline("bob", seq: 1))
                trace.add(.status(user: "bob", nil))
            } == ["the status of alice is cleared, who is online"]
        )
    }
}
