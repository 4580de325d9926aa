import Presence
import Simulation
import Testing

@Suite("Inspection of a history")
struct InspectionTests {
    @Test("A quiet life breaks no rule")
    func good() {
        var inspection = Inspection()
        inspection.read(QuietLife(days: 3).entries)
        #expect(inspection.breaches == [])
        #expect(inspection.count == 0)
    }

    @Test("A breach is told with its rule and its time, and only the first ones are kept")
    func bounded() {
        var trace = Trace()
        trace.pass(1_023)
        for seq in 1...30 { trace.status(.online("bob", seq: Int64(31 - seq))) }
        var inspection = Inspection([SeqNeverBack(CheckedLimits())], keeping: 5)
        inspection.read(trace.entries)
        #expect(inspection.count == 29)
        #expect(inspection.breaches.count == 5)
        #expect(
            inspection.breaches.first
                == "seq, updated and since never go back, and one seq is one content: "
                + "bob is retained with seq 29 after 30 at 1001.023 s"
        )
    }

    @Test("Every checker reads along")
    func all() {
        let rules = Checkers.all(CheckedLimits()).map { type(of: $0).rule }
        #expect(Set(rules).count == rules.count)
        var trace = Trace()
        trace.add(.bridgeServes(epoch: 2))
        let plug = AdoptedThing(user: "plug", device: "d", topic: "tele/p/LWT")
        trace.add(.adopted([plug]))
        trace.pass(60_000)
        trace.add(.published(AdoptedSeen(plug, .on("online"))))
        trace.status(.online("plug", seq: 1))
        trace.status(.offline("plug", seq: 2, cause: "lost"))
        trace.add(.wroteElsewhere(topic: plug.topic))
        trace.add(.wroteBesides(bridge: "b", topic: "presence/status/bob"))
        trace.tell("wanda", .online("bob", ["d": "lost"], seq: 2))
        trace.pass(1)
        trace.state("gina", "d", "online")
        trace.status(.online("gina", seq: 1))
        trace.state("gina", "d", "lost", by: .will)
        trace.state("gina", "d", "online")
        trace.status(.offline("gina", seq: 2))
        trace.tell("wanda", .online("bob", seq: 1), .online("bob", seq: 1))
        trace.subscribe("wilma", "bob")
        trace.status(.online("bob", seq: 3))
        trace.answer("will", "get", "unasked")
        trace.add(.turn(read: 0, sent: 1_000, stored: 0))
        trace.add(.quietBegan(.bridgeRestart))
        trace.add(.status(user: "carol", nil))
        trace.tell("wilma", .online("carol", seq: 4))
        trace.add(.quietEnded)
        var footprint = Footprint()
        footprint.rows = 1
        trace.add(.deserted(footprint))
        trace.pass(5_000)
        let said = StatusSeen(username: "dave", description: "x", updated: 1, seq: 1)
        trace.add(.rest(Rest(answers: ["dave": said])))
        trace.add(.unanswered)
        trace.add(.bridgeCutOff)
        trace.add(.bridgeServes(epoch: 1))
        trace.add(.bridgeCutOff)
        trace.pass(1_000)
        trace.answer("will", "get", "t")
        trace.subscribe("wilma", "erin", expiry: 5)
        let longer = trace.askSubscribe("wilma", ["fred"], expiry: 4)
        trace.answerSubscribe("wilma", longer, ["fred"], until: trace.second + 4, evicted: ["erin"])
        for _ in 0...CheckedLimits().requestBurst + 50 { trace.answer("will", "get", "t") }
        trace.add(.stored([.putUser(UserRecord(id: 99, name: Name(checked: "hal"), seq: 5))]))
        var limits = CheckedLimits()
        limits.keepsHistory = true
        limits.webhooks = ["https://one.invalid/"]
        trace.add(.webhooksRest(isDone: false))
        var inspection = Inspection(limits, keeping: 1_000)
        inspection.read(trace.entries)
        for rule in rules {
            #expect(inspection.breaches.contains { $0.hasPrefix(rule + ": ") }, "\(rule)")
        }
    }
}

/// A history as long as a run's, in which nothing goes wrong: users come and go and are told of.
struct QuietLife {
    private(set) var entries: [Entry] = []

    init(days: Int) {
        var trace = Trace()
        trace.add(.bridgeStarted)
        trace.add(.bridgeServes(epoch: 1))
        let users = (0..<12).map { "user\($0)" }
        for watcher in users { trace.subscribe(watcher, "user0", "user1", expiry: 86_400) }
        trace.subscribe("user5", "*", expiry: 86_400)
        var statuses: [String: StatusSeen] = [:]
        var seq: Int64 = 0
        for _ in 0..<days {
            for word in ["online", "offline"] {
                for user in users {
                    trace.state(user, "d", #"{"status":"\#(word)","session":"a1b2c3d4e5"}"#)
                    let get = trace.ask(user, "get", [("usernames", .names(["user1"]))])
                    trace.pass(3_000)
                    seq += 1
                    let status =
                        word == "online"
                        ? StatusSeen.online(user, seq: seq) : .offline(user, seq: seq)
                    let isWatched = user == "user0" || user == "user1"
                    for watcher in isWatched ? users : ["user5"] { trace.tell(watcher, status) }
                    trace.status(status)
                    trace.answer(user, "get", get)
                    trace.add(.turn(read: 2, sent: 3, stored: 1))
                    statuses[user] = status
                }
            }
        }
        trace.pass(10_000)
        var rest = Rest(statuses: statuses, answers: statuses)
        for user in users { rest.truth[user] = [:] }
        let end = Trace().second + 86_400
        for user in users { rest.subscriptions[user] = ["user0": end, "user1": end] }
        rest.subscriptions["user5"]?["*"] = end
        trace.add(.rest(rest))
        entries = trace.entries
    }
}
