import Testing

@testable import PresenceBridge

@Suite("A clock that is behind the store")
struct SlowClockTests {
    @Test("It is told from more than a minute on, with both times")
    func told() throws {
        #expect(SlowClock(shown: 1_700_000_000, stored: 0) == nil)
        #expect(SlowClock(shown: 1_700_000_000, stored: 1_700_000_060) == nil)
        let slow = try #require(SlowClock(shown: 1_577_836_800, stored: 1_795_900_000))
        #expect(slow.warning.contains("2020-01-01T00:00:00Z"))
        #expect(slow.warning.contains("2026-11-28T"))
        let odd = try #require(SlowClock(shown: 0, stored: .max))
        #expect(odd.warning.contains("9999-12-31T23:59:59Z"))
    }
}
