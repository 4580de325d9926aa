import Presence

/// A payload on an adopted topic, and how it is read.
public struct Payload: Sendable {
    /// The most bytes of a payload that is read for a word; a longer one has none.
    public static let longest = 65_536

    /// The bytes as they came.
    public let bytes: [UInt8]

    /// A payload as it came.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Where the text is, without white space and zero bytes around it.
    var trimmed: Range<Int> {
        var (start, end) = (0, bytes.count)
        while start < end, Self.isBlank(bytes[start]) { start += 1 }
        while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0 || (0x09...0x0D).contains(byte)
    }

    /// Whether it looks like a JSON object.
    var isObject: Bool {
        let text = trimmed
        return !text.isEmpty && bytes[text.lowerBound] == UInt8(ascii: "{")
    }

    /// What a JSON object has at a path of members; `nil` if it is no object or has nothing there.
    public func value(at path: [String]) -> JSONValue? {
        guard bytes.count <= Self.longest, var value = try? JSONValue(parsing: bytes) else {
            return nil
        }
        for step in path {
            guard let next = value.object?[step] else { return nil }
            value = next
        }
        return value
    }
}
