import Foundation

/// The file of tokens: a line for each, `name scope[,scope] sha256-hex`; empty lines and those that begin with
/// `#` say nothing.
public enum TokenFile {
    /// Why a file of tokens is not taken, in words.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// What is wrong, with the file, and where it is a line's fault with that.
        public let description: String
    }

    /// A file that is longer has no tokens in it.
    private static let longest = 1 << 20

    /// Reads a file.
    ///
    /// - Throws: when it cannot be read, when everybody can, and for the first line that is wrong; it never says
    ///   what stands in one.
    public static func read(_ path: String) throws(Failure) -> [Token] {
        // What stands in a pipe may never come.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, errno) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        // What is checked is what is read, whatever becomes of the path meanwhile.
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(description: "\(path): it is no file")
        }
        guard status.st_mode & 0o007 == 0 else {
            throw Failure(description: "\(path): others can read it; chmod o= \(path)")
        }
        let content: Data?
        do {
            content = try file.read(upToCount: longest + 1)
        } catch {
            throw Failure(description: "\(path): \(error.localizedDescription)")
        }
        let bytes = content ?? Data()
        guard bytes.count <= longest else {
            throw Failure(description: "\(path): it has more than \(longest) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(description: "\(path): it is not UTF-8")
        }
        return try parse(text, path: path)
    }

    private static func failure(_ path: String, _ code: Int32) -> Failure {
        let words = unsafe String(cString: strerror(code))
        return Failure(description: "\(path): \(words)")
    }

    static func parse(_ text: String, path: String) throws(Failure) -> [Token] {
        var tokens: [Token] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            let place = "\(path):\(index + 1)"
            guard words.count == 3 else {
                throw Failure(
                    description: "\(place): a line has a name, scopes and the SHA-256 of the token"
                )
            }
            guard Token.isName(first) else {
                throw Failure(
                    description: "\(place): a name has 1 to 64 letters, digits, . _ and -"
                )
            }
            guard !tokens.contains(where: { $0.name == first }) else {
                throw Failure(description: "\(place): another line has this name, too")
            }
            var scopes: Set<Scope> = []
            for word in words[1].split(separator: ",", omittingEmptySubsequences: false) {
                guard let scope = Scope(rawValue: String(word)) else {
                    let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
                    throw Failure(description: "\(place): the scopes are \(known)")
                }
                scopes.insert(scope)
            }
            guard let digest = bytes(words[2]), digest.count == 32 else {
                throw Failure(
                    description: "\(place): the SHA-256 has 64 hexadecimal digits; "
                        + "'presence-bridge token NAME SCOPE...' prints a line"
                )
            }
            tokens.append(Token(name: String(first), scopes: scopes, digest: digest))
        }
        return tokens
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = text.map(\.hexDigitValue)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
