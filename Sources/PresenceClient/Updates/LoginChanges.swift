import Presence

/// Who is online of the users that are watched, to tell a login or a logout from other changes.
struct LoginChanges: Sendable {
    /// The users who are watched; `nil` for everyone.
    private let users: Set<Name>?
    private var known: [Name: (seq: Int64, isOnline: Bool)] = [:]

    /// Watches from these statuses on; whoever is not among them is offline.
    init(of users: Set<Name>?, from statuses: [UserStatus]) {
        self.users = users
        for status in statuses {
            known[status.username] = (status.seq, status.isOnline)
        }
    }

    /// What an update says about someone's coming or going.
    mutating func hear(_ update: Update) -> Login? {
        guard case .status(let status) = update, users?.contains(status.username) ?? true else {
            return nil
        }
        let before = known[status.username]
        if let before, status.seq <= before.seq { return nil }
        known[status.username] = (status.seq, status.isOnline)
        guard status.isOnline != (before?.isOnline ?? false) else { return nil }
        return Login(username: status.username, isLoggedIn: status.isOnline)
    }
}
