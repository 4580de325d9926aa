/// The key of a member, in place: most are only compared.
@safe struct JSONKey {
    let bytes: UnsafeRawBufferPointer

    var text: String { unsafe String(decoding: bytes, as: UTF8.self) }

    /// Whether it is a key that stands in the sources, so that a `switch` finds it.
    static func ~= (text: StaticString, key: JSONKey) -> Bool {
        guard unsafe text.utf8CodeUnitCount == key.bytes.count else { return false }
        return text.withUTF8Buffer { unsafe UnsafeRawBufferPointer($0).isEqual(to: key.bytes) }
    }
}
