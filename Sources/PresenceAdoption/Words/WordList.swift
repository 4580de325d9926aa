import Presence

/// The words that things of a kind say, each with what it means.
///
/// Words are compared without white space around them and without case. With a path they are looked for in a
/// JSON object, and a payload that is no object is compared as it is: some programs say JSON while
/// they are there, and leave a plain word as their will.
public struct WordList: Hashable, Sendable {
    private struct Entry: Hashable {
        /// In lower case.
        let word: [UInt8]
        let saying: Saying
    }

    /// Which of its words are meant.
    enum Meaning { case online, lost }

    private let entries: [Entry]
    /// Where in a JSON object the word stands; empty for a plain word.
    public private(set) var path: [String]

    /// Words that mean that a thing is there, that it has vanished, and that it has gone in order.
    ///
    /// - Parameters:
    ///   - kept: Words that are shown as they are; others that say that a thing is there mean `online`, but for
    ///     those that the protocol ranks.
    public init(
        on: [String],
        off: [String],
        end: [String] = [],
        kept: [String] = [],
        path: [String] = []
    ) {
        self.path = path
        entries =
            on.map { Entry(word: $0.plain, saying: .online(Self.word($0, kept: kept))) }
            + off.map { Entry(word: $0.plain, saying: .lost) }
            + end.map { Entry(word: $0.plain, saying: .ended) }
    }

    /// Words that many programs say.
    public static let usual = WordList(
        on: ["online", "true", "1", "on", "connected", "ready", "running", "alive", "available"],
        off: [
            "offline", "false", "0", "off", "disconnected", "lost", "dead", "unavailable",
        ],
        end: ["stopped"]
    )

    private static func word(_ text: String, kept: [String]) -> StatusWord {
        guard let word = StatusWord(String(decoding: text.plain, as: UTF8.self)) else {
            return .online
        }
        return kept.contains(text) || word.rank != StatusWord.online.rank ? word : .online
    }

    /// How long all words and the names of the members are, in bytes.
    var textLength: Int {
        entries.reduce(0) { $0 + $1.word.count } + path.reduce(0) { $0 + $1.utf8.count }
    }

    /// The words of a meaning.
    func texts(of meaning: Meaning) -> [String] {
        entries.filter { entry in
            switch entry.saying {
            case .online: meaning == .online
            default: meaning == .lost && entry.saying == .lost
            }
        }.map { String(decoding: $0.word, as: UTF8.self) }
    }

    /// A word that is there twice.
    var repeated: String? {
        var seen: Set<[UInt8]> = []
        let word = entries.first { !seen.insert($0.word).inserted }?.word
        return word.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The same words, to be found elsewhere.
    func with(path: [String]) -> Self {
        var list = self
        list.path = path
        return list
    }

    /// Whether any word says that a thing has gone.
    var hasGone: Bool { entries.contains { $0.saying == .lost || $0.saying == .ended } }

    /// What a payload says, which is not empty.
    func read(_ payload: Payload) -> Saying {
        guard !path.isEmpty, payload.isObject else {
            return meaning(of: payload.bytes, payload.trimmed)
        }
        switch payload.value(at: path) {
        case .string(let text):
            let bytes = Payload(Array(text.utf8))
            return meaning(of: bytes.bytes, bytes.trimmed)
        case .bool(let flag): return meaning(of: flag ? "true" : "false")
        case .integer(let number): return meaning(of: String(number))
        case nil, .null, .number, .array, .object: return .unknown
        }
    }

    private func meaning(of text: String) -> Saying {
        let bytes = Array(text.utf8)
        return meaning(of: bytes, 0..<bytes.count)
    }

    private func meaning(of bytes: [UInt8], _ text: Range<Int>) -> Saying {
        for entry in entries where entry.word.count == text.count {
            if zip(text, entry.word).allSatisfy({ bytes[$0].lower == $1 }) { return entry.saying }
        }
        return .unknown
    }
}

extension UInt8 {
    /// The byte, or the small letter for a capital one.
    fileprivate var lower: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}

extension String {
    /// The bytes in small letters.
    fileprivate var plain: [UInt8] { utf8.map(\.lower) }
}
