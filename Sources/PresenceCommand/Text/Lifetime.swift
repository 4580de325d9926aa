import ArgumentParser
import Presence

/// How long something lasts, as people write it: `30s`, `10m`, `12h`, `7d`.
struct Lifetime: Hashable {
    let seconds: Int64

    static let rule = "no duration; write 30s, 10m, 12h or 7d"
    /// The longest of a subscription or a description, 30 days.
    static let most: Int64 = 2_592_000

    /// What is wrong with a text, to be put behind it: `is too long; 30d at most`.
    struct Fault: Error, Hashable {
        let words: String
    }

    /// Reads a duration; a bare number is seconds.
    ///
    /// - Parameter most: The longest that is right, in seconds; it is named in the unit of the text.
    init(_ text: String, most: Int64 = Self.most) throws(Fault) {
        guard let (digits, unit) = DurationText.parts(of: text[...]), unit >= 1_000 else {
            throw Fault(words: "is \(Self.rule)")
        }
        let factor = unit / 1_000
        let (seconds, overflow) = (Int64(digits) ?? .max).multipliedReportingOverflow(by: factor)
        guard !overflow, seconds <= most else {
            let right = "\(most / factor)\(text.dropFirst(digits.count))"
            throw Fault(words: "is too long; \(right) at most")
        }
        guard seconds > 0 else { throw Fault(words: "is too short; 1s at least") }
        self.seconds = seconds
    }

    var duration: Duration { .seconds(seconds) }

    static func read(_ text: String) throws -> Lifetime { try read(text, most: most) }

    /// The same for a time that is over, of which ten years can be asked for.
    static func readPast(_ text: String) throws -> Lifetime {
        try read(text, most: 315_360_000)
    }

    private static func read(_ text: String, most: Int64) throws -> Lifetime {
        do {
            return try Lifetime(text, most: most)
        } catch {
            throw ValidationError("'\(text)' \(error.words)")
        }
    }
}
