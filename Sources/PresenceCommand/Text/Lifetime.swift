import ArgumentParser

/// How long something lasts, as people write it: `30s`, `10m`, `12h`, `7d`.
struct Lifetime: Hashable {
    /// The length in whole seconds, at least one.
    let seconds: Int64

    /// What is right.
    static let rule = "no duration; write 30s, 10m, 12h or 7d"

    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]

    /// Reads a duration; a bare number is seconds.
    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let count = Int64(digits), unit.count <= 1,
            let factor = unit.first.map({ Self.units[$0] }) ?? 1
        else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: factor)
        guard !overflow, (1...315_360_000_000).contains(seconds) else { return nil }
        self.seconds = seconds
    }

    /// The same as the client library has it.
    var duration: Duration { .seconds(seconds) }

    /// Reads a flag.
    static func read(_ text: String) throws -> Lifetime {
        guard let lifetime = Lifetime(text) else { throw ValidationError("'\(text)' is \(rule)") }
        return lifetime
    }
}
