/// So many a second, and as many at once.
struct RateBucket: Sendable {
    /// What it holds, in billionths of a call.
    private var level: UInt64
    private var time: UInt64

    init(_ rate: Int, at nanoseconds: UInt64) {
        level = UInt64(rate) * 1_000_000_000
        time = nanoseconds
    }

    /// Takes one; returns after how many seconds there is one again if there is none.
    mutating func take(_ rate: Int, at nanoseconds: UInt64) -> Int64? {
        let one: UInt64 = 1_000_000_000
        let full = UInt64(rate) * one
        // A second fills it, so that no more of the time than that counts.
        let passed = min(nanoseconds > time ? nanoseconds - time : 0, one)
        time = max(time, nanoseconds)
        level = min(full, level + passed * UInt64(rate))
        guard level >= one else {
            return max(1, Int64((one - level) / UInt64(rate) / one))
        }
        level -= one
        return nil
    }
}
