import Foundation
import Presence
import Testing

@testable import PresenceHTTP

@Suite("Tokens, and the file that they stand in")
struct TokenTests {
    @Test("A token that was made is found by its secret alone, and its line holds no secret")
    func made() throws {
        let (secret, token) = Token.make("shop", [.write, .read])
        #expect(
            token.line == "shop read,write \(String(hexadecimal: SHA256.hash(Array(secret.utf8))))"
        )
        #expect(!token.line.contains(secret))
        #expect(Token.make("shop", [.read]).secret != secret)
        let read = try TokenFile.parse("# mine\n\n \(token.line) \r\n", path: "tokens")
        #expect(read == [token])
        let tokens = Tokens(read, rate: 10)
        #expect(tokens.find(secret) == token)
        #expect(tokens.find(secret + "a") == nil)
        #expect(tokens.find("") == nil)
        tokens.replace(with: [])
        #expect(tokens.find(secret) == nil)
    }

    @Test("Hashes are equal or not, whatever they have in common")
    func comparison() {
        #expect(Token.areEqual([1, 2], [1, 2]))
        #expect(!Token.areEqual([1, 2], [1, 3]))
        #expect(!Token.areEqual([1, 2], [1]))
        #expect(!Token.areEqual([], [1]))
    }

    @Test(
        "A line that is wrong is refused with its number, and never shown",
        arguments: [
            ("shop read", "has a name, scopes and the SHA-256"),
            ("shop read x y", "has a name, scopes and the SHA-256"),
            ("sh/op read \(digits)", "a name has"),
            ("shop reed \(digits)", "the scopes are read, write, metrics"),
            ("shop read, \(digits)", "the scopes are"),
            ("shop read \(digits.dropLast())", "64 hexadecimal digits"),
            ("shop read \(digits.dropLast())g", "64 hexadecimal digits"),
            ("first read \(digits)", "another line has this name"),
        ]
    )
    func lines(line: String, words: String) throws {
        let text = "first read \(Self.digits)\n\(line)\n"
        let failure = #expect(throws: TokenFile.Failure.self) {
            try TokenFile.parse(text, path: "tokens")
        }
        let description = try #require(failure?.description)
        #expect(description.hasPrefix("tokens:2: "))
        #expect(description.contains(words))
        #expect(!description.contains(Self.digits.prefix(20)))
    }

    private static let digits = String(repeating: "0a", count: 32)

    @Test("A file that everybody can read is refused, one that is none, and one that is not there")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tokens-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "tokens").path
        func failure(_ path: String) -> String {
            do throws(TokenFile.Failure) {
                _ = try TokenFile.read(path)
                return ""
            } catch {
                return error.description
            }
        }
        #expect(failure(path).hasPrefix(path))
        try Data("shop read \(Self.digits)".utf8).write(to: URL(filePath: path))
        for (mode, words) in [
            (0o644, "others can read it"), (0o640, ""), (0o600, ""), (0o601, "others"),
        ] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let told = failure(path)
            #expect(words.isEmpty ? told.isEmpty : told.contains(words), "\(mode): \(told)")
        }
        #expect(failure(folder.path).contains("it is no file"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        // As a secret is mounted by Kubernetes.
        let link = folder.appending(path: "link").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(failure(link) == "")
        // Nobody writes into it, and nobody waits for that.
        let pipe = folder.appending(path: "pipe").path
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(failure(pipe).contains("it is no file"))
        try Data(repeating: 0x0A, count: (1 << 20) + 1).write(to: URL(filePath: path))
        #expect(failure(path).contains("more than 1048576 bytes"))
        try Data([0xFF]).write(to: URL(filePath: path))
        #expect(failure(path).contains("it is not UTF-8"))
    }

    @Test("A bucket gives so many at once, and so many a second after that")
    func rate() {
        var bucket = RateBucket(10, at: 1_000)
        for _ in 0..<10 { #expect(bucket.take(10, at: 1_000) == nil) }
        #expect(bucket.take(10, at: 1_000) == 1)
        #expect(bucket.take(10, at: 100_001_000) == nil)
        #expect(bucket.take(10, at: 100_001_000) == 1)
        // A time that goes back, and one that is far away.
        #expect(bucket.take(10, at: 0) == 1)
        for _ in 0..<10 { #expect(bucket.take(10, at: .max) == nil) }
        #expect(bucket.take(10, at: .max) == 1)
    }

    @Test("Each token has a bucket of its own")
    func buckets() {
        let (one, other) = (Token.make("a", [.read]).token, Token.make("b", [.read]).token)
        let tokens = Tokens([one, other], rate: 1)
        #expect(tokens.take(one, at: 0) == nil)
        #expect(tokens.take(one, at: 0) == 1)
        #expect(tokens.take(other, at: 0) == nil)
    }
}
