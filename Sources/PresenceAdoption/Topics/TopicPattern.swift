/// Topics of one form: `tele/{name}/LWT`.
///
/// `{name}` stands for one level, whatever it says, and `{name...}` for one level up to
/// ``mostLevels`` of them: a zigbee2mqtt lamp may be called `kitchen/lamp`. What stands there is captured,
/// under any word between the braces. `+` stands for a level that does not matter, and `#` at the end for
/// all that follows.
public struct TopicPattern: Hashable, Sendable {
    /// How many levels `{name...}` stands for at most; each number of levels has a filter of its own, since
    /// MQTT has no wildcard for several levels in the middle (MQTT 5, section 4.7.1).
    public static let mostLevels = 4

    private enum Level: Hashable {
        case literal([UInt8])
        case one
        case several
        case any
        case rest
    }

    /// The pattern as it was written.
    public let text: String
    /// What is captured, in the order of the levels.
    public let captures: [String]
    private let levels: [Level]

    /// Reads a pattern.
    public init(_ text: String) throws(AdoptionFault) {
        self.text = text
        var levels: [Level] = []
        var captures: [String] = []
        let parts = text.utf8.split(separator: slash, omittingEmptySubsequences: false)
        for (place, bytes) in parts.enumerated() {
            let part = String(Substring(bytes))
            if part == "+" {
                levels.append(.any)
            } else if part == "#", place == parts.count - 1 {
                levels.append(.rest)
            } else if let (name, isSeveral) = Self.capture(part) {
                guard !captures.contains(name) else {
                    throw AdoptionFault("'\(text)' has {\(name)} twice")
                }
                captures.append(name)
                levels.append(isSeveral ? .several : .one)
            } else if part.utf8.contains(where: { Array("+#{}".utf8).contains($0) }) {
                throw AdoptionFault("'\(text)' has '\(part)', which is neither a level nor {name}")
            } else {
                levels.append(.literal(Array(bytes)))
            }
        }
        guard levels.count(where: { $0 == .several }) < 2 else {
            throw AdoptionFault("'\(text)' has two parts of several levels")
        }
        guard !text.isEmpty, text.utf8.count <= 1_024, levels.count <= 32,
            !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else { throw AdoptionFault("'\(text)' is no topic") }
        self.captures = captures
        self.levels = levels
    }

    /// What a level captures, and whether it stands for several; `nil` if it captures nothing.
    private static func capture(_ part: String) -> (name: String, isSeveral: Bool)? {
        guard part.hasPrefix("{"), part.hasSuffix("}") else { return nil }
        var name = part.dropFirst().dropLast()
        let isSeveral = name.hasSuffix("...")
        if isSeveral { name = name.dropLast(3) }
        guard !name.isEmpty, name.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) else {
            return nil
        }
        return (String(name), isSeveral)
    }

    /// How many levels are as they are written.
    var literalCount: Int { levels.count { if case .literal = $0 { true } else { false } } }

    /// The filters that are subscribed to for these topics; no two of them match one topic.
    public var filters: [String] {
        let depths = levels.contains(.several) ? 1...Self.mostLevels : 1...1
        return depths.map { depth in
            levels.map { level in
                switch level {
                case .literal(let bytes): String(decoding: bytes, as: UTF8.self)
                case .one, .any: "+"
                case .several: [String](repeating: "+", count: depth).joined(separator: "/")
                case .rest: "#"
                }
            }.joined(separator: "/")
        }
    }

    /// Where in a topic each capture stands; `nil` if the topic is of another form.
    ///
    /// The topic is read in place, since every message that was adopted goes through here.
    func match(_ topic: String) -> [Range<Int>]? {
        let bytes = topic.utf8.span
        var captured: [Range<Int>] = []
        captured.reserveCapacity(captures.count)
        var start = 0
        for level in levels {
            if level == .rest { return captured }
            // Behind the last level there is no other one.
            guard start <= bytes.count else { return nil }
            var end = Self.end(of: start, bytes)
            switch level {
            case .literal(let literal):
                guard end - start == literal.count else { return nil }
                for place in literal.indices where bytes[start + place] != literal[place] {
                    return nil
                }
            case .any, .rest: break
            case .one: captured.append(start..<end)
            case .several:
                let more = Self.levels(bytes) - levels.count
                guard (0..<Self.mostLevels).contains(more) else { return nil }
                for _ in 0..<more { end = Self.end(of: end + 1, bytes) }
                captured.append(start..<end)
            }
            start = end + 1
        }
        return start == bytes.count + 1 ? captured : nil
    }

    private static func end(of start: Int, _ bytes: Span<UInt8>) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != slash { end += 1 }
        return end
    }

    private static func levels(_ bytes: Span<UInt8>) -> Int {
        var count = 1
        for place in bytes.indices where bytes[place] == slash { count += 1 }
        return count
    }
}

private let slash = UInt8(ascii: "/")
