extension String {
    /// Bytes as hexadecimal digits, two for each.
    package init(hexadecimal bytes: some Sequence<UInt8>) {
        self = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The hexadecimal digits of so many random bytes: a text that nobody else has.
    package static func randomHexadecimal(bytes: Int) -> String {
        String(hexadecimal: (0..<bytes).map { _ in UInt8.random(in: .min ... .max) })
    }
}
