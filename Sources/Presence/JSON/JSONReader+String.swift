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

    /// Reads a string and returns its bytes in place, or `nil` if it has escapes.
    mutating func rawString() throws(JSONError) -> UnsafeRawBufferPointer? {
        index += 1
        let range = try run()
        guard take(UInt8(ascii: "\"")) else { return nil }
        return unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range])
    }

    /// The text of bytes that are known to be UTF-8.
    func text(in range: Range<Int>) -> String {
        // Most are so short that they fit into the value itself, which needs no look at what is read.
        guard range.count > 15 else {
            return unsafe String(unsafeUninitializedCapacity: range.count) { text in
                for place in range.indices { unsafe text[place - range.lowerBound] = bytes[place] }
                return range.count
            }
        }
        return unsafe String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    /// Steps to the next quote or backslash, over nothing but UTF-8 without control characters.
    private mutating func run() throws(JSONError) -> Range<Int> {
        let start = index
        var all: UInt8 = 0
        while unsafe index < bytes.count {
            let byte = unsafe bytes[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                if all >= 0x80 { try checkUTF8(start..<index) }
                return start..<index
            }
            if byte < 0x20 { throw expected("an escape for a control character") }
            all |= byte
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
