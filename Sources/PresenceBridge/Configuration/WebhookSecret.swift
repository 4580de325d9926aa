import Foundation

/// The key that a webhook's requests are signed with: the first line of a file.
enum WebhookSecret {
    /// What stands before a key in base64 (Standard Webhooks 1.0).
    private static let prefix = "whsec_"

    /// The fewest bytes of a key that nobody guesses.
    static let shortest = 16

    /// Reads the key.
    static func read(_ path: String) throws(PasswordFile.Failure) -> [UInt8] {
        // Editors write a byte order mark that nobody sees.
        let line = String(try PasswordFile.read(path, as: "key").trimmingPrefix("\u{FEFF}"))
        guard !FilePrefix.isReadableByAll(path) else {
            throw PasswordFile.Failure(
                description: "\(quoted(path)): others can read it; chmod o= \(path)"
            )
        }
        guard line.hasPrefix(prefix) else {
            guard !line.lowercased().contains(prefix) else {
                throw PasswordFile.Failure(
                    description:
                        "the first line of \(quoted(path)) does not begin with \(prefix), and has it"
                )
            }
            return Array(line.utf8)
        }
        guard let key = Data(base64Encoded: String(line.dropFirst(prefix.count))), !key.isEmpty
        else {
            throw PasswordFile.Failure(
                description: "the first line of \(quoted(path)) has no base64 behind \(prefix)"
            )
        }
        return Array(key)
    }
}
