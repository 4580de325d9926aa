/// A text where it lies, in a payload or in a string: most are only compared, and no string is made of
/// them.
@safe struct RawText {
    /// UTF-8 in place.
    let bytes: UnsafeRawBufferPointer
    /// Whether the bytes are those of a JSON string, in which escapes stand for characters.
    let hasEscapes: Bool

    init(_ bytes: UnsafeRawBufferPointer, hasEscapes: Bool = false) {
        unsafe self.bytes = bytes
        self.hasEscapes = hasEscapes
    }

    /// The text as a string of its own.
    var string: String {
        hasEscapes ? unsafe JSONReader.unescape(bytes) : unsafe String(copying: bytes)
    }

    /// How many bytes of UTF-8 it has.
    var count: Int { unsafe hasEscapes ? string.utf8.count : bytes.count }

    /// Whether it is a text that stands in the sources, so that a `switch` finds it.
    @inline(__always)
    static func ~= (known: StaticString, text: RawText) -> Bool {
        guard !text.hasEscapes else { return text.string.hasSameBytes(as: "\(known)") }
        guard unsafe known.utf8CodeUnitCount == text.bytes.count else { return false }
        return known.withUTF8Buffer { unsafe UnsafeRawBufferPointer($0).isEqual(to: text.bytes) }
    }
}

extension String {
    /// The text of bytes that are known to be UTF-8.
    init(copying bytes: UnsafeRawBufferPointer) {
        // Most are so short that they fit into the value itself, which needs no look at what is read.
        guard bytes.count > 15 else {
            unsafe self.init(unsafeUninitializedCapacity: bytes.count) { text in
                for place in bytes.indices { unsafe text[place] = bytes[place] }
                return bytes.count
            }
            return
        }
        unsafe self.init(decoding: bytes, as: UTF8.self)
    }
}
