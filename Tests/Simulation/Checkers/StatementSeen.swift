import Presence

/// What is on a device topic, read naively: the checkers do not ask the bridge's own reader.
struct StatementSeen: Hashable, Sendable {
    /// The status word, `nil` for nothing and for what is none.
    var word: String?
    /// The name of the connection.
    var session: String?

    /// Reads a payload.
    init(_ payload: [UInt8]) {
        guard payload.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else {
            let text = String(decoding: payload, as: UTF8.self)
            word = Self.checked(String(text.split(whereSeparator: \.isWhitespace).first ?? ""))
            return
        }
        guard let object = (try? JSONValue(parsing: payload))?.object else { return }
        session = object["session"]?.string
        switch object["status"] {
        case nil: word = "online"
        case .string(let text)?: word = Self.checked(text)
        default: break
        }
    }

    /// Whether it is a word with which a device counts as online.
    var isVisible: Bool { word.map { !Self.isHidden($0) } ?? false }

    /// Whether a word is none that others see.
    static func isHidden(_ word: String) -> Bool {
        word == "offline" || word == "lost" || word == "invisible"
    }

    private static func checked(_ text: String) -> String? {
        (1...32).contains(text.utf8.count) ? text : nil
    }
}
