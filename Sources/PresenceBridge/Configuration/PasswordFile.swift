/// A file whose first line is a password.
public enum PasswordFile {
    /// Why there is none, in words.
    public struct Failure: Error, CustomStringConvertible {
        /// The reason.
        public let description: String
    }

    /// Reads the first line of a file.
    ///
    /// - Parameter noun: What that is to be.
    public static func read(_ path: String, as noun: String = "password") throws(Failure) -> String
    {
        let start: [UInt8]
        do throws(FileFailure) {
            start = try FilePrefix(of: path, atMost: 65_537).bytes
        } catch {
            throw Failure(description: "\(quoted(path)) cannot be read: \(error.reason)")
        }
        let line = start.prefix { $0 != UInt8(ascii: "\n") }
        let password = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        guard !password.isEmpty, password.count <= 65_535, !password.contains(0),
            let text = String(validating: password, as: UTF8.self)
        else {
            let fault = "is no \(noun); allowed: 1 to 65535 bytes of UTF-8"
            throw Failure(description: "the first line of \(quoted(path)) \(fault)")
        }
        return text
    }
}
