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
        #expect(Lifetime(text)?.seconds == seconds)
    }

    @Test(
        "Anything else is none",
        arguments: [
            "", "s", "0", "0s", "-5s", "5y", "1.5h", "5 m", "5mm", "٣s", "99999999999999999999d",
            "9999999999999d",
        ]
    )
    func refuse(text: String) {
        #expect(Lifetime(text) == nil)
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
}
