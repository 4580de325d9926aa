import Testing

@testable import PresenceCommand

@Suite("Times as people say them")
struct HumanTimeTests {
    @Test("A length is told in the largest unit that fits")
    func lengths() {
        #expect(HumanTime.ago(1_000, now: 1_059) == "now")
        #expect(HumanTime.ago(1_000, now: 1_300) == "5 min")
        #expect(HumanTime.since(1_000, isOnline: false, now: 1_001) == "1 s")
        #expect(HumanTime.left(until: 1_000, now: 2_000) == "0 s")
        #expect(HumanTime.left(until: 90_000, now: 0) == "25 h")
    }

    @Test(
        "A time at the end of the numbers is told as well as it can be",
        arguments: [Int64.min, .max]
    )
    func ends(_ time: Int64) {
        for now in [Int64.min, -1, 0, 1_700_000_000, .max] {
            #expect(!HumanTime.ago(time, now: now).isEmpty)
            #expect(!HumanTime.since(time, isOnline: true, now: now).isEmpty)
            #expect(!HumanTime.since(time, isOnline: false, now: now).isEmpty)
            #expect(!HumanTime.left(until: time, now: now).isEmpty)
        }
        #expect(HumanTime.stamp(time) == "\(time)")
    }

    @Test("The last years that the system knows are told, too")
    func lastYears() {
        // The system's own years go past what 1,900 can be added to in 32 bits.
        #expect(HumanTime.stamp(67_768_018_888_524_560).hasPrefix("2147484999"))
    }
}
