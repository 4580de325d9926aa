/// Reads values in DER, of which certificates consist (ITU-T X.690), and trusts none of their
/// lengths.
struct DERReader {
    /// A value: what it is, and its content.
    struct Element {
        let tag: UInt8
        let content: ArraySlice<UInt8>

        /// A reader of what a value is made of.
        var parts: DERReader { DERReader(content) }
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next value; `nil` at the end, and where there is none.
    mutating func next() -> Element? {
        guard let tag = rest.popFirst(), let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            // Four bytes are more than any certificate has.
            guard (1...4).contains(count), rest.count >= count else { return nil }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
        }
        guard length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return Element(tag: tag, content: rest.prefix(length))
    }

    /// The next value, if it is of this kind; else `nil`, and it is skipped.
    mutating func next(_ tag: UInt8) -> Element? {
        guard let element = next(), element.tag == tag else { return nil }
        return element
    }
}
