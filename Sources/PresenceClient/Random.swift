/// Texts that nobody else has.
enum Random {
    /// So many random bytes in hexadecimal digits.
    static func hex(bytes: Int) -> String {
        (0..<bytes).map { _ in
            let byte = String(UInt8.random(in: .min ... .max), radix: 16)
            return byte.count == 1 ? "0" + byte : byte
        }.joined()
    }
}
