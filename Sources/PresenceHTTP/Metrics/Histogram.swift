/// How often something took how long.
public struct Histogram: Hashable, Sendable {
    /// The upper bounds of the buckets, in microseconds: from 100 microseconds to 10 seconds.
    public static let bounds: [Int64] = [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000,
    ]

    /// How many fell into each bucket alone; the last is for what was longer than every bound.
    public private(set) var counts = [Int64](repeating: 0, count: bounds.count + 1)
    /// All of them together, in microseconds.
    public private(set) var sum: Int64 = 0

    /// Nothing measured yet.
    public init() {}

    /// Takes in one more, in microseconds; what is below nothing counts as nothing.
    public mutating func record(_ microseconds: Int64) {
        let value = max(0, microseconds)
        let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        counts[bucket] &+= 1
        sum &+= value
    }
}
