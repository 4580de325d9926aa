extension JSONReader {
    /// Reads a string, from one quote to the other.
    ///
    /// One without escapes is made in one go.
    mutating func string() throws(JSONError) -> String {
        index += 1
        let first = try run()
        if take(UInt8(ascii: "\"")) { return text(in: first) }
        scratch.removeAll(keepingCapacity: true)
        unsafe scratch.append(contentsOf: bytes[first])
        repeat {
            try escape()
            unsafe scratch.append(contentsOf: bytes[try run()])
        } while !take(UInt8(ascii: "\""))
        return String(decoding: scratch, as: UTF8.self)
    }

    /// Reads a string where it lies.
    mutating func rawText() throws(JSONError) -> RawText {
        index += 1
        let first = try run()
        guard current == UInt8(ascii: "\\") else {
            index += 1
            return raw(first, hasEscapes: false)
        }
        repeat {
            scratch.removeAll(keepingCapacity: true)
            try escape()
            _ = try run()
        } while current == UInt8(ascii: "\\")
        index += 1
        return raw(first.lowerBound..<index - 1, hasEscapes: true)
    }

    private func raw(_ range: Range<Int>, hasEscapes: Bool) -> RawText {
        let text = unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range])
        return unsafe RawText(text, hasEscapes: hasEscapes)
    }

    /// The text of what stands between the quotes of a string that was read before.
    static func unescape(_ bytes: UnsafeRawBufferPointer) -> String {
        let quoted = unsafe [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
        return (try? JSONValue(parsing: quoted))?.string ?? ""
    }

    /// The text of bytes that are known to be UTF-8.
    func text(in range: Range<Int>) -> String {
        let raw = unsafe UnsafeRawBufferPointer(bytes)
        return unsafe String(copying: UnsafeRawBufferPointer(rebasing: raw[range]))
    }

    /// Steps to the next quote or backslash, over nothing but UTF-8 without control characters.
    private mutating func run() throws(JSONError) -> Range<Int> {
        let start = index
        var isASCII = true
        let raw = unsafe UnsafeRawBufferPointer(bytes)
        while index + 8 <= raw.count {
            let eight = unsafe EightBytes(raw, at: index)
            if eight.hasOther { isASCII = false }
            if let place = eight.firstSpecial {
                index += place
                break
            }
            index += 8
        }
        while index < raw.count {
            let byte = unsafe raw[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                if !isASCII { try checkUTF8(start..<index) }
                return start..<index
            }
            if byte < 0x20 { throw expected("an escape for a control character") }
            if byte >= 0x80 { isASCII = false }
            index += 1
        }
        throw expected("'\"' after the string")
    }

    /// Refuses what is not UTF-8; the error names the first byte of the wrong character.
    private func checkUTF8(_ range: Range<Int>) throws(JSONError) {
        do {
            _ = try unsafe UTF8Span(validating: bytes.extracting(range).span)
        } catch {
            let offset = range.lowerBound + error.byteOffsets.lowerBound
            throw JSONError(offset: offset, reason: "expected UTF-8")
        }
    }

    /// Reads the escape at the index into the scratch bytes.
    private mutating func escape() throws(JSONError) {
        let start = index
        index += 1
        let byte = current
        let meaning: UInt8
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): meaning = byte
        case UInt8(ascii: "b"): meaning = 0x08
        case UInt8(ascii: "f"): meaning = 0x0C
        case UInt8(ascii: "n"): meaning = 0x0A
        case UInt8(ascii: "r"): meaning = 0x0D
        case UInt8(ascii: "t"): meaning = 0x09
        case UInt8(ascii: "u"):
            let scalar = try escapedScalar(from: start)
            scratch.append(contentsOf: String(scalar).utf8)
            return
        default: throw expected("one of \"\\/bfnrtu after the backslash")
        }
        index += 1
        scratch.append(meaning)
    }

    /// Reads `uXXXX`, for a character beyond U+FFFF together with the `\uXXXX` that follows it.
    private mutating func escapedScalar(
        from start: Int
    ) throws(JSONError) -> Unicode.Scalar {
        index += 1
        let first = try fourHexDigits()
        var value = UInt32(first)
        if UTF16.isLeadSurrogate(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let second = try fourHexDigits()
            if UTF16.isTrailSurrogate(second) {
                value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
            }
        }
        guard let scalar = Unicode.Scalar(value) else {
            let reason = "expected both halves of a surrogate pair"
            throw JSONError(offset: start, reason: reason)
        }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch current {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = current - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = current - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = current - UInt8(ascii: "A") + 10
            default: throw expected("a hexadecimal digit")
            }
            value = value << 4 | UInt16(digit)
            index += 1
        }
        return value
    }
}
