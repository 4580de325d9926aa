import Presence

/// What a program proves itself by: of the secret only the hash is kept.
public struct Token: Hashable, Sendable {
    /// What the operator calls it.
    public var name: String
    /// What it is good for.
    public var scopes: Set<Scope>
    /// The SHA-256 of the secret: 32 bytes.
    public var digest: [UInt8]

    /// A new secret, to be shown once, and the token that it is kept as.
    public static func make(_ name: String, _ scopes: Set<Scope>) -> (secret: String, token: Token)
    {
        let secret = secretPrefix + String.randomHexadecimal(bytes: 32)
        return (secret, Token(name: name, scopes: scopes, digest: digest(of: secret)))
    }

    /// So that one that got out is recognized as what it is.
    private static let secretPrefix = "presence_"

    static func digest(of secret: String) -> [UInt8] {
        SHA256.hash(Array(secret.utf8))
    }

    /// The line of the file of tokens: the name, the scopes and the hash.
    public var line: String {
        let words = Scope.allCases.filter(scopes.contains).map(\.rawValue)
        return "\(name) \(words.joined(separator: ",")) \(String(hexadecimal: digest))"
    }

    /// Whether two hashes are the same; how long that takes says nothing of where they differ.
    static func areEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        guard first.count == second.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(first, second) { difference |= one ^ other }
        return difference == 0
    }
}

extension Token {
    /// Whether a text may be the name of a token: 1 to 64 letters, digits, `.`, `_` and `-` of ASCII.
    public static func isName(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
