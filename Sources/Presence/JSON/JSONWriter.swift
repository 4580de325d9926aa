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
        key.withUTF8Buffer { unsafe quote(UnsafeRawBufferPointer($0), isKey: true) }
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

    /// Writes a whole value, an object or an array, of so many bytes at most.
    mutating func value(atMost count: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        separate()
        append(atMost: count, write)
    }

    /// Writes the key of the value that comes next.
    @_disfavoredOverload
    public mutating func key(_ key: String) {
        unsafe key.withBytes { unsafe quote($0, isKey: true) }
    }

    /// Writes a text.
    public mutating func string(_ text: String) {
        unsafe text.withBytes { unsafe quote($0, isKey: false) }
    }

    /// Writes an integer.
    public mutating func integer(_ value: Int64) {
        separate()
        append(atMost: OutputSpan<UInt8>.longestInteger) { output in output.append(value) }
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        separate()
        copy(value ? "true" : "false")
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        copy("null")
    }

    /// Copies a value that is already JSON.
    public mutating func raw(_ json: [UInt8]) {
        separate()
        unsafe json.withUnsafeBytes { json in
            append(atMost: json.count) { output in unsafe output.append(copying: json) }
        }
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

// MARK: - Bytes

extension JSONWriter {
    /// Appends so many bytes at most.
    @inline(__always)
    mutating func append(atMost count: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        bytes.append(addingCapacity: count, initializingWith: write)
    }

    /// Writes a text in quotes; behind a key comes its value.
    private mutating func quote(_ text: UnsafeRawBufferPointer, isKey: Bool) {
        let needsComma = needsComma
        unsafe append(atMost: OutputSpan.room(for: text) + 2) { output in
            if needsComma { output.append(UInt8(ascii: ",")) }
            unsafe output.append(quoting: text)
            if isKey { output.append(UInt8(ascii: ":")) }
        }
        self.needsComma = !isKey
    }

    private mutating func copy(_ json: StaticString) {
        append(atMost: json.utf8CodeUnitCount) { output in output.append(json) }
    }
}
