/// Where a request goes: its path and query, split before anything in them is decoded (RFC 3986).
struct RequestTarget: Hashable, Sendable {
    /// The parts between the slashes of the path, as they came.
    var segments: [Substring]
    /// The pairs of the query, as they came.
    var pairs: [(name: Substring, value: Substring)]

    static func == (left: RequestTarget, right: RequestTarget) -> Bool {
        left.segments == right.segments
            && left.pairs.elementsEqual(right.pairs) { $0.name == $1.name && $0.value == $1.value }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(segments) }

    /// A target in origin form: `/v1/users/bob?as=alice`; `nil` for what is none.
    init?(_ text: String) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].hasPrefix("/") else { return nil }
        segments = parts[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        pairs = []
        guard parts.count > 1 else { return }
        for pair in parts[1].split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            pairs.append((halves[0], halves.count > 1 ? halves[1] : ""))
        }
    }

    /// A text with each `%` and two digits replaced by the byte that they stand for; a plus is a plus.
    ///
    /// - Returns: `nil` where that is no text in UTF-8, or a `%` stands alone.
    static func decode(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit),
                let low = rest.popFirst().flatMap(digit)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
