import Presence

/// Whom the user is subscribed to as far as the client knows, until when, and what was told of each.
struct Watchlist: Sendable {
    /// The newest change of each user that was told.
    private(set) var newest: [Name: Int64] = [:]
    private var expires: [Name: Int64] = [:]
    /// Until when the user is subscribed to everyone, in Unix seconds.
    private(set) var everyone: Int64?

    var isEmpty: Bool { expires.isEmpty && everyone == nil }

    /// The users to whom there is a subscription by name.
    var names: some Collection<Name> { expires.keys }

    /// Until when there is a subscription to the user by name, in Unix seconds.
    func end(of user: Name) -> Int64? { expires[user] }

    /// Whether a status is newer than what was told of its user; it counts as told then.
    mutating func isNews(_ status: UserStatus) -> Bool {
        if let seq = newest[status.username], status.seq <= seq { return false }
        newest[status.username] = status.seq
        return true
    }

    /// Whether a status is the one that was told last of its user.
    func isNewest(_ status: UserStatus) -> Bool { newest[status.username] == status.seq }

    mutating func subscribed(to user: Name, until end: Int64) { expires[user] = end }

    mutating func subscribedToEveryone(until end: Int64) { everyone = end }

    /// The subscription to the user, or with `nil` the one to everyone, is over.
    mutating func ended(_ user: Name?) {
        if let user {
            expires[user] = nil
            if everyone == nil { newest[user] = nil }
        } else {
            everyone = nil
            newest = newest.filter { expires[$0.key] != nil }
        }
    }
}
