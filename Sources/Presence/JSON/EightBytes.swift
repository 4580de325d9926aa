/// Eight bytes of a text, of which all are looked at in one go.
struct EightBytes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highest: UInt64 = 0x8080_8080_8080_8080

    private let value: UInt64

    /// The bytes from a place on, which must be there.
    init(_ bytes: UnsafeRawBufferPointer, at place: Int) {
        value = UInt64(
            littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        )
    }

    /// Whether any of them is not ASCII.
    var hasOther: Bool { value & Self.highest != 0 }

    /// The place of the first that cannot stand in a JSON string as it is: a quote, a backslash or a
    /// control character; `nil` if there is none.
    var firstSpecial: Int? {
        // Where a byte is 0, to take 1 from it sets its highest bit, which was not set before. That may
        // go wrong only behind such a byte.
        let quote = value ^ Self.ones &* UInt64(UInt8(ascii: "\""))
        let backslash = value ^ Self.ones &* UInt64(UInt8(ascii: "\\"))
        let control = (value &- Self.ones &* 0x20) & ~value
        let special =
            control | ((quote &- Self.ones) & ~quote) | ((backslash &- Self.ones) & ~backslash)
        let found = special & Self.highest
        return found == 0 ? nil : found.trailingZeroBitCount / 8
    }
}

extension UInt8 {
    /// Whether it cannot stand in a JSON string as it is.
    var isSpecial: Bool {
        self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
    }
}

extension UnsafeRawBufferPointer {
    /// Whether any of the bytes cannot stand in a JSON string as it is.
    var hasSpecial: Bool {
        var place = 0
        while place + 8 <= count {
            if unsafe EightBytes(self, at: place).firstSpecial != nil { return true }
            place += 8
        }
        while place < count {
            if unsafe self[place].isSpecial { return true }
            place += 1
        }
        return false
    }
}
