import PresenceClient

/// Whom one watches, in the order in which it is shown: who is online first, then by name.
///
/// Words do not count for the order, so that a line stays where it is while its user is online.
struct Roster {
    private(set) var statuses: [UserStatus] = []
    private var known: [Name: UserStatus] = [:]
    private(set) var onlineCount = 0

    /// Takes a status if it is newer than what is known; returns whether it was.
    @discardableResult
    mutating func update(_ status: UserStatus) -> Bool {
        if let before = known[status.username] {
            guard before.seq < status.seq else { return false }
            take(before)
        }
        known[status.username] = status
        if status.isOnline { onlineCount += 1 }
        statuses.insert(status, at: place(of: status))
        return true
    }

    mutating func remove(_ user: Name) {
        if let before = known.removeValue(forKey: user) { take(before) }
    }

    private mutating func take(_ status: UserStatus) {
        statuses.remove(at: place(of: status))
        if status.isOnline { onlineCount -= 1 }
    }

    /// Where a status stands, or would stand.
    private func place(of status: UserStatus) -> Int {
        var low = 0
        var high = statuses.count
        while low < high {
            let middle = (low + high) / 2
            if Self.isBefore(statuses[middle], status) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func isBefore(_ left: UserStatus, _ right: UserStatus) -> Bool {
        if left.isOnline != right.isOnline { return left.isOnline }
        return left.username < right.username
    }
}
