/// Parts of JSON at the end of bytes that have room for them.
extension OutputSpan<UInt8> {
    /// The most bytes of an integer.
    static let longestInteger = 20

    /// The most bytes of a text in quotes.
    @inline(__always)
    static func room(for text: UnsafeRawBufferPointer) -> Int {
        // As `\u0000`.
        unsafe text.hasSpecial ? 6 * text.count + 2 : text.count + 2
    }

    /// Copies bytes.
    @inline(__always)
    mutating func append(copying bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= freeCapacity)
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            let room = UnsafeMutableRawBufferPointer(buffer.extracting(count...))
            unsafe room.copyMemory(from: bytes)
            count += bytes.count
        }
    }

    /// Copies what stands in the sources.
    @inline(__always)
    mutating func append(_ json: StaticString) {
        json.withUTF8Buffer { unsafe append(copying: UnsafeRawBufferPointer($0)) }
    }

    /// Writes a text in quotes, escaping `"`, `\` and U+0000 to U+001F and nothing else.
    ///
    /// Most texts need no escape and are copied in one go.
    mutating func append(quoting text: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        if unsafe text.hasSpecial {
            for index in text.indices { unsafe append(escaping: text[index]) }
        } else {
            unsafe append(copying: text)
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(escaping byte: UInt8) {
        guard byte.isSpecial else { return append(byte) }
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0x00..<0x20:
            append("u00")
            append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            let low = byte & 0x0F
            append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        default: append(byte)
        }
    }

    /// Writes an integer.
    mutating func append(_ value: Int64) {
        let zero = UInt8(ascii: "0")
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "-"))
        // From the last to the first.
        var first = digits.count
        var rest = value.magnitude
        while rest >= 10 {
            let (hundreds, two) = rest.quotientAndRemainder(dividingBy: 100)
            let (tens, ones) = UInt8(truncatingIfNeeded: two).quotientAndRemainder(dividingBy: 10)
            digits[first - 1] = zero &+ ones
            digits[first - 2] = zero &+ tens
            first -= 2
            rest = hundreds
        }
        if rest > 0 || first == digits.count {
            first -= 1
            digits[first] = zero &+ UInt8(truncatingIfNeeded: rest)
        }
        if value < 0 { first -= 1 }
        let written = digits.span.extracting(first..<digits.count)
        unsafe written.withUnsafeBytes { unsafe append(copying: $0) }
    }
}
