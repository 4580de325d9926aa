import Presence

/// The subscriptions in the store, kept along with what is stored.
struct StoredSubscriptions: Sendable {
    /// The ends of each watcher's subscriptions by the number of the user.
    private(set) var held: [UserID: [UserID: Int64]] = [:]
    /// The watchers of each user.
    private(set) var watchers: [UserID: Set<UserID>] = [:]
    private(set) var names: [UserID: String] = [:]
    /// How many there are.
    private(set) var count = 0

    /// Carries out a change; returns the watcher and the user to whom it is subscribed now.
    mutating func take(_ change: Change) -> (watcher: UserID, user: UserID)? {
        switch change {
        case .putSubscription(let record):
            let before = held[record.watcher, default: [:]]
                .updateValue(record.expires, forKey: record.user)
            if before == nil {
                count += 1
                watchers[record.user, default: []].insert(record.watcher)
            }
            return (record.watcher, record.user)
        case .removeSubscription(let watcher, let user):
            if held[watcher]?.removeValue(forKey: user) != nil {
                count -= 1
                watchers[user]?.remove(watcher)
            }
        case .putUser(let record): names[record.id] = record.name.text
        case .removeUser, .putDevice, .removeDevice, .putBroker, .log: break
        }
        return nil
    }

    /// The name of a number.
    func name(_ id: UserID) -> String { id == .everyone ? "everyone" : names[id] ?? "#\(id)" }
}
