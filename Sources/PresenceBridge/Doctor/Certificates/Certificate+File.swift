import Foundation

extension Certificate {
    /// The certificates of a file in PEM, as far as they can be read.
    static func all(inFile path: String) -> [Certificate] {
        guard let bytes = try? FilePrefix(of: path, atMost: PEM.longest).bytes else { return [] }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.components(separatedBy: "-----BEGIN CERTIFICATE-----").dropFirst()
            .compactMap { part in
                let base64 = part.components(separatedBy: "-----END").first ?? ""
                let data = Data(base64Encoded: base64, options: .ignoreUnknownCharacters)
                return data.flatMap { Certificate(Array($0)) }
            }
    }
}
