/// The checksum of ISO 3309 and of zlib, which finds every error of up to 32 bits in a row.
package enum CRC32 {
    /// What each value of a byte adds.
    private static let table = (0..<256 as Range<UInt32>).map { byte in
        (0..<8).reduce(byte) { rest, _ in rest & 1 == 0 ? rest >> 1 : rest >> 1 ^ 0xEDB8_8320 }
    }

    /// The checksum of bytes.
    package static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        let table = table
        var sum = UInt32.max
        for byte in bytes {
            sum = table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ sum >> 8
        }
        return ~sum
    }
}
