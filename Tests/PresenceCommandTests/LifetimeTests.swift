import Testing

@testable import PresenceCommand

@Suite("Durations and times")
struct LifetimeTests {
    @Test(
        "A duration is a number and a unit",
        arguments: [
            ("30s", 30), ("10m", 600), ("12h", 43_200), ("7d", 604_800), ("45", 45), ("1s", 1),
        ]
    )
    func read(text: String, seconds: Int64) {
        #expect((try? Lifetime(text))?.seconds == seconds)
    }

    @Test(
        "Anything else is none",
        arguments: [
            "", "s", "-5s", "5y", "1.5h", "5 m", "5mm", "٣s",
        ]
    )
    func refuse(text: String) {
        #expect(throws: Lifetime.Fault(words: "is \(Lifetime.rule)")) { try Lifetime(text) }
    }

    @Test(
        "What is too long or too short is told in the unit that was typed",
        arguments: [
            ("60d", "is too long; 30d at most"), ("721h", "is too long; 720h at most"),
            ("43201m", "is too long; 43200m at most"),
            ("2592001", "is too long; 2592000 at most"),
            ("99999999999999999999d", "is too long; 30d at most"),
            ("9999999999999999d", "is too long; 30d at most"),
            ("0", "is too short; 1s at least"), ("0d", "is too short; 1s at least"),
        ]
    )
    func range(text: String, words: String) {
        #expect(throws: Lifetime.Fault(words: words)) { try Lifetime(text) }
    }

    @Test(
        "Ages are told in one unit",
        arguments: [
            (0, "now"), (-5, "now"), (59, "now"), (60, "1 min"), (3_599, "59 min"),
            (3_600, "1 h"), (172_799, "47 h"), (172_800, "2 d"),
        ]
    )
    func ago(seconds: Int64, words: String) {
        #expect(HumanTime.ago(1_000_000, now: 1_000_000 + seconds) == words)
    }

    @Test("Who went a moment ago is offline for some seconds, not now")
    func since() {
        #expect(HumanTime.since(100, isOnline: true, now: 112) == "now")
        #expect(HumanTime.since(100, isOnline: false, now: 112) == "12 s")
        #expect(HumanTime.since(100, isOnline: false, now: 99) == "0 s")
        #expect(HumanTime.since(100, isOnline: false, now: 400) == "5 min")
    }
}
