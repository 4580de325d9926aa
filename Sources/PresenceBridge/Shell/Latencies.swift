/// How long something took in one interval: the median and the 99th percentile, each to an eighth.
///
/// A value falls into one of eight buckets between two powers of two.
struct Latencies {
    private var counts = [UInt32](repeating: 0, count: 488)
    private var total = 0

    /// Takes in one more, in microseconds; what is below nothing counts as nothing.
    mutating func record(_ microseconds: Int64) {
        counts[Self.bucket(of: max(0, microseconds))] &+= 1
        total += 1
    }

    /// What so large a share of them did not exceed, in microseconds; 0 where there were none.
    func quantile(_ share: Double) -> Int64 {
        let wanted = Int((share * Double(total)).rounded(.up))
        var seen = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += Int(count)
            if seen >= wanted { return Self.end(of: bucket) }
        }
        return 0
    }

    /// Median and 99th percentile; begins the next interval.
    mutating func take() -> (median: Int64, p99: Int64) {
        guard total > 0 else { return (0, 0) }
        defer { self = Latencies() }
        return (quantile(0.5), quantile(0.99))
    }

    private static func bucket(of value: Int64) -> Int {
        guard value >= 8 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        return (exponent - 2) * 8 + Int((value >> (exponent - 3)) & 7)
    }

    /// The largest value of a bucket.
    private static func end(of bucket: Int) -> Int64 {
        guard bucket >= 8 else { return Int64(bucket) }
        let shift = bucket / 8 - 1
        return (Int64(8 + bucket % 8) << shift) + ((1 << shift) - 1)
    }
}
