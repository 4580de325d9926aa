/// One input of a fuzzer, as lines of words, each word any bytes.
///
/// What the words mean is the target's matter; a line that makes no sense to it is passed over. So
/// every part of a case is a case, which lets one search for the smallest, and all are written to
/// files in one form: a line each, words parted by a blank, and what is no plain character of a
/// word as `%` and two hexadecimal digits. An empty word is a lone `%`.
public struct Case: Hashable, Sendable {
    /// The lines.
    public var lines: [[[UInt8]]]

    /// A case of some lines.
    public init(_ lines: [[[UInt8]]] = []) { self.lines = lines }

    /// Reads a case back; empty lines and those that begin with `#` are comments.
    public init(reading text: String) {
        lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { line in line.split(separator: " ").map { Self.word(reading: $0.utf8) } }
    }

    /// The case as it stands in a file.
    public var text: String {
        lines.map { $0.map(Self.text).joined(separator: " ") + "\n" }.joined()
    }

    private static func text(_ word: [UInt8]) -> String {
        guard !word.isEmpty else { return "%" }
        return word.map { byte in
            let isPlain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "%")
            if isPlain { return String(UnicodeScalar(byte)) }
            return (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
        }.joined().replacingFirstSign()
    }

    private static func word(reading text: Substring.UTF8View) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            rest = rest.dropFirst(2)
            if let value = UInt8(String(Substring(digits)), radix: 16) { bytes.append(value) }
        }
        return bytes
    }
}

extension String {
    /// A first word must not look like a comment.
    fileprivate func replacingFirstSign() -> String {
        hasPrefix("#") ? "%23" + dropFirst() : self
    }
}

extension [UInt8] {
    /// The bytes as text, repaired where they are none.
    package var text: String { String(decoding: self, as: UTF8.self) }

    /// The bytes as a number.
    package var number: Int64? { Int64(text) }

    /// The bytes of a text.
    package init(text: String) { self = Array(text.utf8) }

    /// A number as bytes.
    package init(number: some BinaryInteger) { self = Array("\(number)".utf8) }
}
