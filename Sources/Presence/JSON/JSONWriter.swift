/// Writes JSON into bytes (RFC 8259), without white space, in the order of the calls.
///
/// The writer puts the commas. That the calls make one value, each key with its value and each end
/// with its beginning, is up to the caller.
public struct JSONWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []
    /// Whether something stands before the next key or element.
    private var needsComma = false

    /// A writer that has written nothing.
    public init(reserving capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    /// Begins an object: keys and values follow in turn.
    public mutating func beginObject() { begin(UInt8(ascii: "{")) }

    /// Ends the object begun last.
    public mutating func endObject() { end(UInt8(ascii: "}")) }

    /// Begins an array: values follow.
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }

    /// Ends the array begun last.
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Writes the key of the value that comes next, one that stands in the sources.
    public mutating func key(_ key: StaticString) {
        separate()
        key.withUTF8Buffer { unsafe quote(UnsafeRawBufferPointer($0)) }
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a key and its text; nothing at all for `nil`.
    package mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        key(name)
        string(text)
    }

    /// Writes a key and its integer; nothing at all for `nil`.
    package mutating func member(_ name: StaticString, _ value: Int64?) {
        guard let value else { return }
        key(name)
        integer(value)
    }

    package mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// Copies a piece of JSON that stands in the sources, with the commas that it needs; a value, or
    /// an end, comes next.
    mutating func literal(_ json: StaticString) {
        json.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        needsComma = false
    }

    /// Writes the key of the value that comes next.
    @_disfavoredOverload
    public mutating func key(_ key: String) {
        separate()
        quote(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a text.
    public mutating func string(_ text: String) {
        separate()
        quote(text)
    }

    /// Writes an integer.
    public mutating func integer(_ value: Int64) {
        separate()
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            // From the last to the first.
            var first = digits.count
            var rest = value.magnitude
            repeat {
                let (tens, digit) = rest.quotientAndRemainder(dividingBy: 10)
                first -= 1
                unsafe digits[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit)
                rest = tens
            } while rest > 0
            if value < 0 {
                first -= 1
                unsafe digits[first] = UInt8(ascii: "-")
            }
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[first...]))
        }
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Copies a value that is already JSON.
    public mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}

// MARK: - Strings

extension JSONWriter {
    private mutating func quote(_ text: String) { unsafe text.withBytes { unsafe quote($0) } }

    /// Writes the text in quotes, escaping `"`, `\` and U+0000 to U+001F and nothing else.
    ///
    /// Most texts need no escape and are copied in one go.
    private mutating func quote(_ text: UnsafeRawBufferPointer) {
        bytes.append(UInt8(ascii: "\""))
        if unsafe text.contains(where: Self.needsEscape) {
            for index in text.indices { unsafe escape(text[index]) }
        } else {
            unsafe bytes.append(contentsOf: text)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        guard Self.needsEscape(byte) else { return bytes.append(byte) }
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x00..<0x20:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            let low = byte & 0x0F
            bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        default: bytes.append(byte)
        }
    }
}
