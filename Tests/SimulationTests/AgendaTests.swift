import PresenceCore
import Simulation
import Testing

@Suite("Virtual time")
struct AgendaTests {
    @Test("What is planned happens in the order of time, then of planning, and time jumps to it")
    func order() {
        let agenda = Agenda()
        let begun = agenda.now.uptime
        var seen: [String] = []
        for (delay, name) in [(20, "c"), (10, "a"), (10, "b"), (40, "d")] as [(Int64, String)] {
            agenda.after(delay) { seen.append("\(name)\(agenda.now.uptime - begun)") }
        }
        agenda.pass(30)
        #expect(seen == ["a10", "b10", "c20"])
        #expect(agenda.now.uptime == begun + 30)
        #expect(agenda.pass(atMost: 100) { seen.count == 4 })
        #expect(agenda.now.uptime == begun + 40)
        #expect(!agenda.pass(atMost: 100) { false })
    }

    @Test("A step of the wall clock is none of the other")
    func step() {
        let agenda = Agenda()
        let begun = agenda.now
        agenda.stepClock(by: -5_000)
        agenda.pass(1_000)
        #expect(agenda.now.uptime == begun.uptime + 1_000)
        #expect(agenda.now.unix == begun.unix - 4_000)
    }

    @Test("Dice of the same seed and part throw the same, those of another part differently")
    func dice() {
        func throwsOf(_ seed: UInt64, _ part: String) -> [UInt64] {
            var dice = Dice(seed: seed, part: part)
            return (0..<8).map { _ in dice.next() }
        }
        #expect(throwsOf(1, "a") == throwsOf(1, "a"))
        #expect(throwsOf(1, "a") != throwsOf(1, "b"))
        #expect(throwsOf(1, "a") != throwsOf(2, "a"))
        // Also in another process.
        #expect(throwsOf(7, "clients").first == 14_802_036_305_652_613_908)
    }
}
