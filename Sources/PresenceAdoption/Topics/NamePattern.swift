import Presence

/// How a name is made of what a topic has captured: `tasmota-{name}`.
///
/// What is captured may be no name of the protocol. Then `-` stands for each character that cannot be, and
/// eight hexadecimal digits behind it, a hash of what was captured, keep two names apart that would look
/// alike.
public struct NamePattern: Hashable, Sendable {
    private enum Part: Hashable {
        case literal(String)
        /// The number of a capture.
        case captured(Int)
    }

    /// How many bytes the sign and the digits behind a name have.
    private static let markLength = 9

    /// The pattern as it was written.
    public let text: String
    private let parts: [Part]

    /// Reads a pattern, of what a topic captures.
    init(_ text: String, _ captures: [String]) throws(AdoptionFault) {
        self.text = text
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw AdoptionFault("'\(text)' has a '{' without a '}'")
            }
            let name = rest[rest.index(after: open)..<close]
            guard let place = captures.firstIndex(of: String(name)) else {
                let known = captures.map { "{\($0)}" }.joined(separator: ", ")
                throw AdoptionFault(
                    "'\(text)' has {\(name)}, which its topic has not"
                        + (known.isEmpty ? "" : "; it has \(known)")
                )
            }
            parts.append(.captured(place))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        guard !parts.isEmpty else { throw AdoptionFault("a name has no text") }
        self.parts = parts
    }

    /// The captures that it takes up, by their numbers.
    var captured: Set<Int> {
        Set(
            parts.compactMap { part in
                if case .captured(let place) = part { place } else { nil }
            }
        )
    }

    /// The text for a topic, with what was captured as it is.
    func fill(_ topic: String, _ captures: [Range<Int>]) -> String {
        if parts.count == 1, case .literal(let text) = parts[0] { return text }
        let bytes = topic.utf8.span
        // Every message that was adopted goes through here: the bytes are written where they stay.
        return unsafe String(unsafeUninitializedCapacity: length(with: captures)) { room in
            var end = 0
            for part in parts {
                switch part {
                case .literal(let text):
                    for byte in text.utf8 {
                        unsafe room[end] = byte
                        end += 1
                    }
                case .captured(let place):
                    for index in captures[place] {
                        unsafe room[end] = bytes[index]
                        end += 1
                    }
                }
            }
            return end
        }
    }

    private func length(with captures: [Range<Int>]) -> Int {
        var length = 0
        for part in parts {
            switch part {
            case .literal(let text): length += text.utf8.count
            case .captured(let place): length += captures[place].count
            }
        }
        return length
    }

    /// The name for a topic, and whether it is written otherwise than what was captured.
    ///
    /// - Parameter longest: The most bytes that it may have.
    func name(_ topic: String, _ captures: [Range<Int>], longest: Int) -> (Name, isOther: Bool) {
        let plain = fill(topic, captures)
        if Name.isName(plain.utf8.span, longest: longest) { return (Name(checked: plain), false) }
        let mark = "-" + String(hexadecimal: plain.stableHash)
        var name = Self.clean(plain, isFirst: true)
        // With room for what follows; it is cut between two characters.
        while name.utf8.count > longest - Self.markLength { name.unicodeScalars.removeLast() }
        return (Name(checked: name + mark), true)
    }

    /// A text with `-` for each character that no name can have.
    ///
    /// - Parameter isFirst: Whether a name begins with it.
    private static func clean(_ text: String, isFirst: Bool) -> String {
        let clean = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.mayStandInName ? $0 : "-" })
        )
        // By bytes: with an accent behind it the sign is another letter to Swift, and not to a broker.
        let isBrokers = isFirst && clean.utf8.first == UInt8(ascii: "$")
        return isBrokers ? "-" + String(clean.unicodeScalars.dropFirst()) : clean
    }

    private init(text: String, parts: [Part]) {
        self.text = text
        self.parts = parts
    }

    /// Whether a name may be one of this pattern.
    ///
    /// - Parameter longest: The most bytes that it may have.
    func mayBe(_ name: Name, longest: Int) -> Bool {
        // It is asked of every statement: a text without captures is the name, or none that it could be.
        if parts.count == 1, case .literal(let text) = parts[0],
            Name.isName(text.utf8.span, longest: longest)
        {
            return name == Name(checked: text)
        }
        let bytes = Array(name.text.utf8)
        if matches(bytes[...]) { return true }
        // It may be written otherwise, with a hash behind all of it.
        let mark = bytes.suffix(Self.markLength)
        guard mark.count == Self.markLength, mark.first == UInt8(ascii: "-"),
            mark.dropFirst().allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit })
        else { return false }
        let clean = parts.enumerated().map { place, part in
            guard case .literal(let text) = part else { return part }
            return .literal(Self.clean(text, isFirst: place == 0))
        }
        let pattern = NamePattern(text: text, parts: clean)
        let rest = bytes.dropLast(Self.markLength)
        if pattern.matches(rest) { return true }
        // A character has four bytes at most: what is shorter than that was not cut.
        return bytes.count > longest - 4 && pattern.mayBegin(with: rest)
    }

    /// Whether a name of this pattern, of which the end was cut off, may begin with these bytes: whatever a topic has
    /// captured may have all that follows.
    private func mayBegin(with bytes: ArraySlice<UInt8>) -> Bool {
        guard case .literal(let text) = parts[0] else { return true }
        return zip(text.utf8, bytes).allSatisfy { $0 == $1 }
    }

    private func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        var isOpen = false
        for (place, part) in parts.enumerated() {
            guard case .literal(let text) = part else {
                isOpen = true
                continue
            }
            let literal = Array(text.utf8)
            guard isOpen else {
                guard rest.starts(with: literal) else { return false }
                rest = rest.dropFirst(literal.count)
                continue
            }
            if place == parts.count - 1 {
                return rest.count > literal.count
                    && rest.suffix(literal.count).elementsEqual(literal)
            }
            guard let found = rest.firstRange(of: literal) else { return false }
            rest = rest[found.upperBound...]
            isOpen = false
        }
        return isOpen ? !rest.isEmpty : rest.isEmpty
    }
}

extension String {
    /// The bytes at a place, which is one of whole levels.
    fileprivate func bytes(_ range: Range<Int>) -> String {
        let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
        let end = utf8.index(start, offsetBy: range.count)
        return String(self[start..<end])
    }

    /// Four bytes that are the same in every process (FNV-1a).
    fileprivate var stableHash: [UInt8] {
        var hash: UInt32 = 2_166_136_261
        for byte in utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return (0..<4).map { UInt8(truncatingIfNeeded: hash >> (24 - 8 * $0)) }
    }
}

extension Unicode.Scalar {
    /// Whether a name may have it, wherever it stands.
    fileprivate var mayStandInName: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2F, 0x2B, 0x23: false
        default: true
        }
    }
}
