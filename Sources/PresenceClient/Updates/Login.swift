import Presence

/// A user came online or went offline.
public struct Login: Hashable, Sendable {
    /// The user.
    public var username: Name
    /// Whether the user came, with the first of its devices, or went, with the last.
    public var isLoggedIn: Bool

    /// A login, or a logout.
    public init(username: Name, isLoggedIn: Bool) {
        self.username = username
        self.isLoggedIn = isLoggedIn
    }
}
