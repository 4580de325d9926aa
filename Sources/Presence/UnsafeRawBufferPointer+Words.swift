extension UnsafeRawBufferPointer {
    /// Folds eight bytes after the other into a number, each by a multiplication to 128 bits.
    func hash(seed: UInt64) -> UInt64 {
        var hash = unsafe Self.fold(seed ^ UInt64(count))
        var place = 0
        while place + 8 <= count {
            hash = unsafe Self.fold(hash ^ loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var rest: UInt64 = 0
        while place < count {
            rest = unsafe rest << 8 | UInt64(self[place])
            place += 1
        }
        return unsafe Self.fold(hash ^ rest)
    }

    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }

    /// Whether both, of one length, are the same bytes.
    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        while place + 8 <= count {
            guard
                unsafe loadUnaligned(fromByteOffset: place, as: UInt64.self)
                    == other.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            else { return false }
            place += 8
        }
        while place < count {
            guard unsafe self[place] == other[place] else { return false }
            place += 1
        }
        return true
    }
}
