/// A username or a client id as a client has given it.
///
/// MQTT compares them byte for byte, unlike Swift's strings, which hold two spellings of an accented
/// letter for equal.
struct GivenText: Hashable, Sendable {
    /// The text.
    let text: String

    /// Takes a text as it is.
    init(_ text: String) { self.text = text }

    static func == (left: GivenText, right: GivenText) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
