import Foundation

/// Numbers, as people read them.
enum Figure {
    /// The middle one; of an even count the mean of the two in the middle.
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The value below which lies such a part of all.
    static func percentile(_ part: Double, of values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }

    /// Three digits that matter, and groups of thousands.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        let size = abs(value)
        guard size < 100 else { return grouped(Int(value.rounded())) }
        return String(format: size < 10 ? "%.2f" : "%.1f", value)
    }

    private static func grouped(_ value: Int) -> String {
        var digits = String(abs(value))
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits.removeLast(3)
        }
        groups.insert(digits[...], at: 0)
        return (value < 0 ? "-" : "") + groups.joined(separator: ",")
    }

    /// An amount of memory.
    static func bytes(_ count: Int) -> String {
        count < 1 << 30
            ? "\(text(Double(count) / 1_048_576)) MiB"
            : "\(text(Double(count) / 1_073_741_824)) GiB"
    }
}
