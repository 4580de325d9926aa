/// A duration as settings and flags spell it: `100ms`, `3s`, `5m`, `12h`, `30d`, or a bare number of
/// seconds.
package enum DurationText {
    /// What comes of reading a duration.
    package enum Outcome: Hashable {
        /// A duration of at least zero.
        case duration(Duration)
        /// A duration below zero, or longer than can be counted.
        case outOfRange
        case malformed
    }

    /// The units, longest first, in milliseconds.
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    package static func parse(_ text: String) -> Outcome {
        let unsigned = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let (digits, unit) = parts(of: unsigned) else { return .malformed }
        guard let count = Int64(digits) else { return .outOfRange }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, !text.hasPrefix("-") || count == 0 else { return .outOfRange }
        return .duration(.milliseconds(milliseconds))
    }

    /// The digits of a text, and the milliseconds of its unit; `nil` if it has none of both.
    package static func parts(of text: Substring) -> (digits: Substring, unit: Int64)? {
        let digits = text.prefix(while: \.isASCIIDigit)
        let suffix = text.dropFirst(digits.count)
        let unit = suffix.isEmpty ? 1_000 : units.first { $0.suffix == suffix }?.milliseconds
        return digits.isEmpty ? nil : unit.map { (digits, $0) }
    }

    /// Writes a duration in the longest unit that divides it; zero is `0`.
    package static func show(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "0" }
        for unit in units where milliseconds.isMultiple(of: unit.milliseconds) {
            return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
        }
        return "\(milliseconds)ms"
    }
}

extension Character {
    /// Whether the character is one of `0` to `9`; Swift's `isNumber` knows many more digits.
    package var isASCIIDigit: Bool { ("0"..."9").contains(self) && isASCII }
}
