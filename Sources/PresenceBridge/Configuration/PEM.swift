/// What a file in PEM, as RFC 7468 has it, should hold.
enum PEM {
    case certificate
    case privateKey

    /// The most bytes of a file that are looked at; the authorities of a whole system are a quarter
    /// of that.
    static let longest = 1 << 20

    func fault(in text: [UInt8]) -> String? {
        let labels = Self.labels(of: text)
        switch self {
        case .certificate:
            guard !labels.contains(where: { $0.hasSuffix("CERTIFICATE") }) else { return nil }
            return "has no certificate in PEM, which begins with '-----BEGIN CERTIFICATE-----'"
        case .privateKey:
            guard let label = labels.first(where: { $0.hasSuffix("PRIVATE KEY") }) else {
                return "has no private key in PEM, which begins with '-----BEGIN PRIVATE KEY-----'"
            }
            // The older form says it in a line of its own (RFC 1421, section 4.6.1.1).
            let isLocked =
                label == "ENCRYPTED PRIVATE KEY"
                || String(decoding: text, as: UTF8.self).contains("Proc-Type: 4,ENCRYPTED")
            return isLocked ? "has a passphrase, and there is nobody to ask for it" : nil
        }
    }

    /// What the beginnings say that are in a text, without `-----BEGIN ` and `-----`.
    private static func labels(of text: [UInt8]) -> [Substring] {
        let begin = "-----BEGIN "
        return text.split(separator: UInt8(ascii: "\n")).compactMap { bytes in
            guard bytes.starts(with: begin.utf8) else { return nil }
            let line = String(decoding: bytes, as: UTF8.self)
            return line.dropFirst(begin.count).prefix { $0 != "-" && $0 != "\r\n" && $0 != "\r" }
        }
    }
}
