import Presence
import Testing

@Suite("Durations")
struct DurationTextTests {
    @Test(
        "A duration is a number and a unit, or a number of seconds",
        arguments: [
            ("100ms", 100), ("3s", 3_000), ("5m", 300_000), ("12h", 43_200_000),
            ("30d", 2_592_000_000), ("7", 7_000), ("0", 0), ("-0", 0), ("007s", 7_000),
            ("9223372036854775807ms", Int64.max),
        ]
    )
    func valid(text: String, milliseconds: Int64) {
        #expect(DurationText.parse(text) == .duration(.milliseconds(milliseconds)))
    }

    @Test(
        "Anything else is no duration",
        arguments: [
            "", "5x", "s", "ms", "-", "-s", "1.5s", "5 m", " 5m", "5M", "5mm", "+5", "1e3", "5m3s",
            "\u{0665}s", "5\u{0301}s", "5s\0",
        ]
    )
    func malformed(text: String) {
        #expect(DurationText.parse(text) == .malformed)
    }

    @Test(
        "What is negative or cannot be counted is out of range",
        arguments: [
            "-1s", "-5", "9223372036854775808ms", "9223372036854775807s", "106751991168d",
            "99999999999999999999",
        ]
    )
    func outOfRange(text: String) {
        #expect(DurationText.parse(text) == .outOfRange)
    }

    @Test(
        "A duration is written in the longest unit that divides it",
        arguments: [
            ("0", "0"), ("90s", "90s"), ("60", "1m"), ("1500ms", "1500ms"), ("86400s", "1d"),
            ("36h", "36h"), ("1000ms", "1s"), ("7d", "7d"),
        ]
    )
    func written(text: String, expected: String) throws {
        guard case .duration(let duration) = DurationText.parse(text) else {
            Issue.record("\(text) is not read")
            return
        }
        #expect(DurationText.show(duration) == expected)
    }
}
