/// Files of TLS as far as the configuration reads them: their beginnings and ends.
enum PEMSample {
    static let certificate = block("CERTIFICATE")
    static let key = block("PRIVATE KEY")
    static let both = "what it is for\n\n" + key + certificate
    static let lockedKey = block("ENCRYPTED PRIVATE KEY")
    static let olderLockedKey = block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\n")

    private static func block(_ label: String, _ headers: String = "") -> String {
        "-----BEGIN \(label)-----\n\(headers)AAAA\n-----END \(label)-----\n"
    }
}
