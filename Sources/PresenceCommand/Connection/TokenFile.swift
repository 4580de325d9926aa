import Foundation

/// A file whose first line is a token of the HTTP side.
enum TokenFile {
    /// Reads the token, which may stand as `presence-bridge token` has printed it.
    static func read(_ path: String) throws(UsageError) -> String {
        guard let data = FileManager.default.contents(atPath: path),
            let text = String(data: data.prefix(4_096), encoding: .utf8)
        else { throw UsageError("--token-file: '\(path)' cannot be read") }
        let line = text.prefix { !$0.isNewline }
        let token = (line.hasPrefix("token:") ? line.dropFirst(6) : line)
            .trimmingCharacters(in: .whitespaces)
        guard !token.isEmpty else {
            throw UsageError("--token-file: the first line of '\(path)' is empty")
        }
        return token
    }
}
