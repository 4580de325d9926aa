import Presence
import Simulation
import Testing

@Suite("Checker: every change is logged")
struct EveryChangeLoggedTests {
    private func breaches(_ build: (inout Trace) -> Void) -> Int {
        var limits = CheckedLimits()
        limits.keepsHistory = true
        return sentences(EveryChangeLogged.self, limits, build).count
    }

    private func row(_ id: Int64, seq: Int64) -> Change {
        .log(
            .put(
                LoggedChange(
                    id: id,
                    user: Name(checked: "bob"),
                    time: 1,
                    kind: .online,
                    status: Array(#"{"seq":\#(seq)}"#.utf8)
                )
            )
        )
    }

    private func user(seq: Int64) -> Change {
        .putUser(UserRecord(id: 1, name: Name(checked: "bob"), seq: seq))
    }

    @Test("A change that is logged with its status passes, and so does what changes no status")
    func right() {
        #expect(
            breaches { trace in
                trace.add(.stored([user(seq: 5), row(1, seq: 5)]))
                trace.add(.stored([user(seq: 5)]))
                trace.add(.stored([user(seq: 8), row(2, seq: 7), row(3, seq: 8)]))
            } == 0
        )
    }

    @Test("A change without its row, or with that of another, is found")
    func missing() {
        #expect(breaches { $0.add(.stored([user(seq: 5)])) } == 1)
        #expect(breaches { $0.add(.stored([user(seq: 5), row(1, seq: 4)])) } == 1)
    }

    @Test("Ids and numbers that do not rise are found")
    func order() {
        #expect(
            breaches { trace in
                trace.add(.stored([user(seq: 5), row(2, seq: 5)]))
                trace.add(.stored([user(seq: 6), row(2, seq: 6)]))
            } == 1
        )
        #expect(
            breaches { trace in
                trace.add(.stored([user(seq: 5), row(1, seq: 5)]))
                trace.add(.stored([row(2, seq: 5)]))
            } == 1
        )
    }
}
