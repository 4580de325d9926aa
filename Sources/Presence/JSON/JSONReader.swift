/// Reads one JSON value out of bytes by recursive descent.
///
/// It reads through a pointer. `current` checks the bounds: at the end it is 0, a byte that the grammar
/// allows nowhere, so that the end needs no case of its own.
/// `JSONReader+String.swift` has the strings.
@safe struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Never beyond the end.
    var index = 0
    /// Where strings with escapes are put together.
    var scratch: [UInt8] = []
    private var depth = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { unsafe self.bytes = bytes }

    /// Reads a value that fills the bytes, but for white space around it.
    ///
    /// It returns the error, because a closure over a pointer cannot throw a typed one.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONError> {
        var reader = unsafe JSONReader(bytes)
        do throws(JSONError) {
            let value = try reader.value()
            reader.skipSpace()
            guard reader.index == bytes.count else {
                throw reader.expected("nothing but white space after the value")
            }
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    /// Reads an object that fills the bytes, but for white space around it, member by member.
    ///
    /// Returns whether it has read all of them: for what is not an object, or has a mistake,
    /// ``read(_:)`` finds the words.
    @inline(__always)
    static func members(
        of bytes: UnsafeBufferPointer<UInt8>,
        _ visit: (RawText, JSONMember) -> Void
    ) -> Bool {
        var reader = unsafe JSONReader(bytes)
        reader.skipSpace()
        guard reader.current == UInt8(ascii: "{") else { return false }
        do throws(JSONError) {
            try reader.members { reader, key throws(JSONError) in
                visit(key, try reader.member())
            }
            reader.skipSpace()
            return reader.index == bytes.count
        } catch {
            return false
        }
    }

    /// The byte at the index, 0 at the end.
    var current: UInt8 { unsafe index < bytes.count ? bytes[index] : 0 }

    /// The error that something else should stand at the index.
    func expected(_ what: String) -> JSONError {
        let found = unsafe index < bytes.count ? "" : ", found the end"
        return JSONError(offset: index, reason: "expected \(what)\(found)")
    }

    /// Steps over the byte if it is the one at the index.
    mutating func take(_ byte: UInt8) -> Bool {
        guard unsafe index < bytes.count, unsafe bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while unsafe index < bytes.count {
            switch unsafe bytes[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                index += 1
            default: return
            }
        }
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipSpace()
        switch current {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw expected("a value")
        }
    }

    private mutating func literal(
        _ word: String,
        _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        for byte in word.utf8 {
            guard take(byte) else { throw expected("the literal \(word)") }
        }
        return value
    }

    /// Steps over the bracket that opens an array or an object.
    private mutating func open() throws(JSONError) {
        depth += 1
        guard depth <= JSONValue.deepest else {
            let reason = "expected at most \(JSONValue.deepest) arrays and objects in one another"
            throw JSONError(offset: index, reason: reason)
        }
        index += 1
        skipSpace()
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        try open()
        var elements: [JSONValue] = []
        if current != UInt8(ascii: "]") {
            elements.reserveCapacity(4)
            repeat {
                elements.append(try value())
                skipSpace()
            } while take(UInt8(ascii: ","))
        }
        guard take(UInt8(ascii: "]")) else { throw expected("',' or ']' after an element") }
        depth -= 1
        return elements
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        var members: [JSONObject.Member] = []
        try self.members { reader, key throws(JSONError) in
            if members.isEmpty { members.reserveCapacity(4) }
            let key = key.string
            members.append(JSONObject.Member(key: key, value: try reader.value()))
        }
        return JSONObject(members: members)
    }

    /// Reads an object; the closure is given each key, and reads its value.
    @inline(__always)
    private mutating func members(
        _ readValue: (inout JSONReader, RawText) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open()
        if current != UInt8(ascii: "}") {
            repeat {
                skipSpace()
                guard current == UInt8(ascii: "\"") else { throw expected("a key in quotes") }
                let key = try rawText()
                skipSpace()
                guard take(UInt8(ascii: ":")) else { throw expected("':' after the key") }
                skipSpace()
                try readValue(&self, key)
                skipSpace()
            } while take(UInt8(ascii: ","))
        }
        guard take(UInt8(ascii: "}")) else { throw expected("',' or '}' after a member") }
        depth -= 1
    }

    /// Reads the value of a member; it begins at the index.
    @inline(__always)
    private mutating func member() throws(JSONError) -> JSONMember {
        switch current {
        case UInt8(ascii: "\""): return .text(try rawText())
        case UInt8(ascii: "["): return try texts().map(JSONMember.texts) ?? .other
        default:
            return switch try value() {
            case .integer(let integer): .integer(integer)
            case .bool(let flag): .bool(flag)
            default: .other
            }
        }
    }

    /// Reads an array; `nil` if it has anything but texts.
    private mutating func texts() throws(JSONError) -> [String]? {
        let start = index
        try open()
        var texts: [String] = []
        repeat {
            skipSpace()
            guard current == UInt8(ascii: "\"") else {
                depth -= 1
                index = start
                return try array().isEmpty ? [] : nil
            }
            if texts.isEmpty { texts.reserveCapacity(4) }
            texts.append(try string())
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw expected("',' or ']' after an element") }
        depth -= 1
        return texts
    }
}

// MARK: - Numbers

extension JSONReader {
    private mutating func number() throws(JSONError) -> JSONValue {
        let start = index
        let negative = take(UInt8(ascii: "-"))
        var integer: Int64 = 0
        if take(UInt8(ascii: "0")) {
            if isDigit(current) { throw expected("no digit after a leading zero") }
        } else {
            integer = try digits(negative: negative)
        }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            _ = try digits(negative: false)
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            _ = try digits(negative: false)
        }
        return isInteger ? .integer(integer) : .number(double(in: start..<index))
    }

    /// Reads one digit or more, and what they say as an integer that stops at its limits.
    private mutating func digits(negative: Bool) throws(JSONError) -> Int64 {
        guard isDigit(current) else { throw expected("a digit") }
        var total: Int64 = 0
        // So many digits fit in any case.
        let end = unsafe min(bytes.count, index + 18)
        while index < end, unsafe isDigit(bytes[index]) {
            total = total &* 10 &+ Int64(unsafe bytes[index] &- UInt8(ascii: "0"))
            index += 1
        }
        if negative { total = -total }
        while isDigit(current) {
            let digit = Int64(current - UInt8(ascii: "0"))
            index += 1
            let tenfold = total.multipliedReportingOverflow(by: 10)
            let next = tenfold.partialValue.addingReportingOverflow(negative ? -digit : digit)
            let overflows = tenfold.overflow || next.overflow
            total = overflows ? (negative ? .min : .max) : next.partialValue
        }
        return total
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0") <= byte && byte <= UInt8(ascii: "9")
    }

    /// The range has the form of a JSON number, which is one of a Swift number.
    private func double(in range: Range<Int>) -> Double {
        let largest = Double.greatestFiniteMagnitude
        return min(max(Double(text(in: range)) ?? 0, -largest), largest)
    }
}
