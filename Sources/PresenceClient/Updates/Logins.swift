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

/// The first logins and last logouts of users, from a moment on.
///
/// Changes of the word, of the description or of further devices are not among them. One reader
/// reads it.
public struct Logins: AsyncSequence, Sendable {
    let updates: Updates
    let start: LoginWatch

    /// The reader.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(updates: updates.makeAsyncIterator(), watch: start)
    }

    /// Reads one login or logout after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var updates: Updates.AsyncIterator
        var watch: LoginWatch

        /// The next login or logout; `nil` when the client is closed or the task is cancelled.
        public mutating func next() async -> Login? {
            while let update = await updates.next() {
                if let login = watch.hear(update) { return login }
            }
            return nil
        }
    }
}

/// Who is online of those that are watched, to see who comes and who goes.
struct LoginWatch: Sendable {
    private struct Known: Sendable {
        var seq: Int64
        var isOnline: Bool
    }

    /// The users who are watched; `nil` for everyone.
    private let users: Set<Name>?
    private var known: [Name: Known] = [:]

    /// Watches from these statuses on; whoever is not among them is offline.
    init(of users: Set<Name>?, from statuses: [UserStatus]) {
        self.users = users
        for status in statuses {
            known[status.username] = Known(seq: status.seq, isOnline: status.isOnline)
        }
    }

    /// What an update says about someone's coming or going.
    mutating func hear(_ update: Update) -> Login? {
        guard case .status(let status) = update, users?.contains(status.username) ?? true else {
            return nil
        }
        let before = known[status.username]
        if let before, status.seq <= before.seq { return nil }
        known[status.username] = Known(seq: status.seq, isOnline: status.isOnline)
        guard status.isOnline != (before?.isOnline ?? false) else { return nil }
        return Login(username: status.username, isLoggedIn: status.isOnline)
    }
}
