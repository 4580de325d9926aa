import Presence

/// What a check has come to: a line for the operator.
public struct Finding: Hashable, Sendable {
    /// How it stands.
    public enum Outcome: String, Hashable, Sendable {
        /// As it should be.
        case sound
        /// Something is to be changed.
        case wrong
        /// It could not be told, or was not tried.
        case untold

        var sign: String {
            switch self {
            case .sound: "✓"
            case .wrong: "✗"
            case .untold: "–"
            }
        }
    }

    /// What to change: a line, and the file that it belongs to.
    public struct Remedy: Hashable, Sendable {
        /// The file as it is called where it lies, or what it is.
        public let file: String
        /// The line to add, or the command to give where `file` is `shell`.
        public let line: String

        init(_ file: String, _ line: String) { (self.file, self.line) = (file, line) }
    }

    /// The name of the check, such as `login`.
    public let check: String
    /// How it stands.
    public let outcome: Outcome
    /// A sentence.
    public let words: String
    /// What to change, where something is wrong.
    public let remedy: Remedy?

    /// The finding as a line, without its end.
    public var line: String {
        let name = check + String(repeating: " ", count: max(1, 20 - check.utf8.count))
        let advice = remedy.map { " → \($0.file): \($0.line)" } ?? ""
        return "\(outcome.sign) \(name)\(Self.plain(words))\(Self.plain(advice))"
    }

    /// Findings as one array of JSON objects.
    public static func json(_ findings: [Finding]) -> String {
        var json = JSONWriter()
        json.beginArray()
        for finding in findings {
            json.beginObject()
            json.member("check", finding.check)
            json.member("outcome", finding.outcome.rawValue)
            json.member("words", finding.words)
            json.member("file", finding.remedy?.file)
            json.member("line", finding.remedy?.line)
            json.endObject()
        }
        json.endArray()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// What a broker, a file or a certificate has said must not end the line or write over it.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isControl ? " " : $0 }))
    }
}
