import PresenceCore
import Simulation
import Testing

@Suite("Checker: one bridge tells")
struct OneTellsTests {
    private let word = Entry.Event.wroteBesides(bridge: "b", topic: "presence/status/bob")

    @Test("What was on its way when another one began passes, and nothing later")
    func late() {
        for (pause, count) in [(60, 0), (61, 1)] as [(Int64, Int)] {
            for change in [Entry.Event.bridgeStarted, .bridgeEnded(isCrash: true)] {
                let found = sentences(OneTells.self) { trace in
                    trace.add(change)
                    trace.pass(pause)
                    trace.add(word)
                }
                #expect(found.count == count)
            }
        }
    }
}
