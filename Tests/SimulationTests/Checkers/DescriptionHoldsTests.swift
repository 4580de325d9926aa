import Presence
import Simulation
import Testing

@Suite("Checker: the description holds")
struct DescriptionHoldsTests {
    private func breaches(_ found: String, _ build: (inout Trace) -> Void) -> Int {
        sentences(DescriptionHolds.self) { trace in
            build(&trace)
            let status = StatusSeen(username: "bob", description: found, seq: 1)
            trace.add(.rest(Rest(answers: ["bob": status])))
        }.count
    }

    private func ask(_ trace: inout Trace, _ text: String, expiry: Int64? = nil) -> String {
        var members: [(key: String, value: JSONValue)] = [("description", .string(text))]
        if let expiry { members.append(("expiry", .integer(expiry))) }
        return trace.ask("bob", "publish", members)
    }

    private func publish(_ trace: inout Trace, _ text: String, expiry: Int64? = nil) {
        let tag = ask(&trace, text, expiry: expiry)
        trace.answer("bob", "publish", tag, [("description", .string(text))])
    }

    @Test("The last acknowledged one holds, and no other")
    func last() {
        for (found, count) in [("two", 0), ("one", 1), ("", 1), ("three", 1)] {
            #expect(
                breaches(found) { trace in
                    publish(&trace, "one")
                    publish(&trace, "two")
                    let tag = ask(&trace, "three")
                    trace.answer("bob", "publish", tag, code: "unavailable")
                    trace.restartBridge()
                } == count,
                "\(found)"
            )
        }
        #expect(breaches("from nowhere") { _ in } == 1)
    }

    @Test("Of one without an answer both are right, until the next answer")
    func unanswered() {
        for (found, count) in [("one", 0), ("two", 0), ("three", 1)] {
            #expect(
                breaches(found) { trace in
                    publish(&trace, "one")
                    _ = ask(&trace, "two")
                    trace.restartBridge()
                } == count
            )
        }
        #expect(
            breaches("two") { trace in
                _ = ask(&trace, "two")
                trace.restartBridge()
                publish(&trace, "three")
            } == 1
        )
        #expect(
            breaches("two") { trace in
                _ = ask(&trace, "two")
                trace.restartBridge()
                let tag = ask(&trace, "three")
                trace.answer("bob", "publish", tag, code: "unavailable")
            } == 0
        )
    }

    @Test("It goes by itself at its end, and not before")
    func expiry() {
        for (pause, found, count) in [
            (9_000, "one", 0), (9_000, "", 1), (10_500, "one", 0), (10_500, "", 0),
            (13_000, "one", 1), (13_000, "", 0),
        ] as [(Int64, String, Int)] {
            #expect(
                breaches(found) { trace in
                    publish(&trace, "one", expiry: 10)
                    trace.pass(pause)
                } == count,
                "\(found) after \(pause)"
            )
        }
    }

    @Test("It goes with a user who is forgotten")
    func forgotten() {
        for (found, count) in [("", 0), ("one", 1)] {
            #expect(
                breaches(found) { trace in
                    publish(&trace, "one")
                    trace.add(.status(user: "bob", nil))
                } == count
            )
        }
        for found in ["", "one"] {
            #expect(
                breaches(found) { trace in
                    let record = UserRecord(id: 1, name: Name(checked: "bob"), seq: 1)
                    trace.add(.stored([.putUser(record)]))
                    publish(&trace, "one")
                    trace.add(.stored([.removeUser(1)]))
                } == 0
            )
        }
    }

    @Test("It goes with a user who is forgotten and back within a turn, but not too early")
    func back() {
        for (pause, count) in [(2_592_000, 0), (2_591_000, 1)] as [(Int64, Int)] {
            #expect(
                breaches("") { trace in
                    publish(&trace, "one")
                    let second = trace.second
                    trace.status(
                        StatusSeen(username: "bob", description: "one", updated: second, seq: 1)
                    )
                    trace.pass(pause * 1_000)
                    trace.status(.online("bob", seq: 2))
                } == count
            )
        }
    }
}
