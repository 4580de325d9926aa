/// The name of a user or of a device.
///
/// Names are compared byte for byte and sorted by bytes, unlike Swift's strings, which hold two
/// spellings of an accented letter for equal.
public struct Name: Sendable {
    /// The most bytes of UTF-8 that a user name may have.
    public static let longestUser = 128

    /// The most bytes of UTF-8 that a device name may have.
    public static let longestDevice = 64

    /// The name as text.
    public let text: String

    /// Takes a name that was checked before, as when it is read back from the store.
    public init(checked text: String) {
        self.text = text
    }

    /// The name of a user: 1 to 128 bytes, or `nil` when the text is no such name.
    public init?(user text: String) {
        self.init(text, longest: Self.longestUser)
    }

    /// The name of a device: 1 to 64 bytes, or `nil` when the text is no such name.
    public init?(device text: String) {
        self.init(text, longest: Self.longestDevice)
    }

    /// A name is one topic level of its own: no `/`, no wildcard, no control character, and no `$`
    /// in front, which MQTT keeps for the broker.
    private init?(_ text: String, longest: Int) {
        guard (1...longest).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "$") else {
            return nil
        }
        // By bytes, since every name in every topic goes through here: U+0080 to U+009F are the only
        // control characters of two, 0xC2 and their own number.
        var before: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case 0x00...0x1F, 0x7F, 0x2F, 0x2B, 0x23: return nil
            case 0x80...0x9F where before == 0xC2: return nil
            default: before = byte
            }
        }
        self.text = text
    }
}

extension Name: Hashable, Comparable {
    /// Whether both are the same bytes.
    public static func == (left: Name, right: Name) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Whether the bytes of the first come before those of the second.
    public static func < (left: Name, right: Name) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Feeds the bytes, since two names are equal only when their bytes are.
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension Name: CustomStringConvertible {
    /// The name as text.
    public var description: String { text }
}
