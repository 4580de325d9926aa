/// A text that equals another one only where its bytes do, as MQTT compares names.
///
/// Swift's strings hold two spellings of an accented letter for equal.
package struct ExactText: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    package func hash(into hasher: inout Hasher) {
        unsafe text.withBytes { unsafe hasher.combine(bytes: $0) }
    }
}
