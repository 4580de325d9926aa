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

    private init?(_ text: String, longest: Int) {
        guard Self.isName(text.utf8.span, longest: longest) else { return nil }
        self.text = text
    }

    /// Whether UTF-8 is a name: one topic level of its own, so no `/`, no wildcard, no control
    /// character, and no `$` in front, which MQTT keeps for the broker.
    package static func isName(_ bytes: Span<UInt8>, longest: Int) -> Bool {
        guard (1...longest).contains(bytes.count), bytes[0] != UInt8(ascii: "$") else {
            return false
        }
        for index in bytes.indices {
            switch bytes[index] {
            case 0x00...0x1F, 0x7F, 0x2F, 0x2B, 0x23: return false
            // U+0080 to U+009F: in UTF-8 all of them, and others, begin with this byte.
            case 0xC2 where index + 1 < bytes.count && bytes[index + 1] < 0xA0: return false
            default: continue
            }
        }
        return true
    }
}

extension Name: Hashable, Comparable {
    /// Whether both are the same bytes.
    @inlinable
    public static func == (left: Name, right: Name) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    /// Whether the bytes of the first come before those of the second.
    public static func < (left: Name, right: Name) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Feeds the bytes, since two names are equal only when their bytes are.
    public func hash(into hasher: inout Hasher) {
        unsafe text.withBytes { unsafe hasher.combine(bytes: $0) }
    }
}

extension Name {
    /// A number that is the same for the same bytes and seed, and hard to foresee for who does not
    /// know the seed: with every input a name is looked up, and a `Hasher` takes several times as long.
    package func hash(seed: UInt64) -> UInt64 { text.quickHash(seed: seed) }
}

extension String {
    /// Whether both are the same bytes; Swift's `==` also holds two spellings of an accented letter
    /// for equal.
    @inlinable
    func hasSameBytes(as other: String) -> Bool {
        isSameValue(as: other) || hasEqualBytes(as: other)
    }

    /// Whether both are one value: the same short text, which lies in the value, or the same memory.
    @inlinable
    @inline(__always)
    func isSameValue(as other: String) -> Bool {
        #if _pointerBitWidth(_64)
        let bits = unsafe unsafeBitCast(self, to: (UInt64, UInt64).self)
        return unsafe bits == unsafeBitCast(other, to: (UInt64, UInt64).self)
        #else
        return false
        #endif
    }

    @usableFromInline
    func hasEqualBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return unsafe withBytes { bytes in unsafe other.withBytes { unsafe bytes.isEqual(to: $0) } }
    }

    /// A number that is the same for the same bytes and seed.
    func quickHash(seed: UInt64) -> UInt64 { unsafe withBytes { unsafe $0.hash(seed: seed) } }

    /// Reads the bytes in place: with every input names are hashed and compared, and the span of a
    /// short text costs more than that.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let result = unsafe utf8.withContiguousStorageIfAvailable({
            unsafe body(UnsafeRawBufferPointer($0))
        }) {
            return result
        }
        var copy = self
        return copy.withUTF8 { unsafe body(UnsafeRawBufferPointer($0)) }
    }
}

extension Name {
    /// What a name is, in words.
    package static let rule =
        "1 to 128 bytes (a device's 64) without /, +, # and control characters, no $ in front"

    /// That a text is no name of a user, and what would be.
    package static func refusal(user text: String) -> String {
        "no user can be called \(text.debugDescription): a name is 1 to 128 bytes without /, +, # and "
            + "control characters, no $ in front"
    }
}

extension Name: CustomStringConvertible {
    /// The name as text.
    public var description: String { text }
}
