import Presence

/// What an `export` line says: `export home-assistant [prefix=homeassistant] [users=*]`.
public struct ExportPlan: Hashable, Sendable {
    /// The kinds of programs that users are described to.
    static let kinds = ["home-assistant"]

    /// What the topics of discovery messages begin with; one level or more.
    public let prefix: String
    /// The users; `nil` for everyone.
    public let users: Set<Name>?
    /// The line as it was written, with one blank between its parts.
    public let text: String

    /// Takes a line apart.
    ///
    /// - Parameter topicPrefix: What the protocol's own topics begin with, which is no place for that.
    public init(_ text: String, topicPrefix: String) throws(AdoptionFault) {
        let line = try AdoptionLine(text)
        self.text = line.text
        guard let kind = line.kind else {
            throw AdoptionFault("has no kind; write 'export home-assistant'")
        }
        guard Self.kinds.contains(kind) else {
            throw AdoptionFault.unknown("kind", kind, among: Self.kinds)
        }
        for key in line.values.keys.sorted() where !["prefix", "users"].contains(key) {
            throw AdoptionFault.unknown("key", key, among: ["prefix", "users"])
        }
        prefix = line["prefix"] ?? "homeassistant"
        if let fault = TopicPrefix.fault(of: prefix) {
            throw AdoptionFault("prefix '\(prefix)' \(fault)")
        }
        guard prefix != topicPrefix, !Topics(prefix: topicPrefix).holds(prefix) else {
            throw AdoptionFault("prefix '\(prefix)' is that of the bridge's own topics")
        }
        users = try Self.users(line["users"] ?? "*")
    }

    private static func users(_ text: String) throws(AdoptionFault) -> Set<Name>? {
        if text == "*" { return nil }
        var users: Set<Name> = []
        let words = text.utf8.split(separator: UInt8(ascii: ",")).map { String(Substring($0)) }
        guard !words.contains("*") else {
            throw AdoptionFault(
                "users has '*', which is everyone, beside others; write users=*, or the names alone"
            )
        }
        for word in words {
            guard let name = Name(user: word) else {
                throw AdoptionFault("users has '\(word)', which is no user name")
            }
            users.insert(name)
        }
        guard !users.isEmpty else { throw AdoptionFault("users names nobody") }
        return users
    }

    /// Whether a user is described.
    public func includes(_ user: Name) -> Bool { users?.contains(user) ?? true }
}
