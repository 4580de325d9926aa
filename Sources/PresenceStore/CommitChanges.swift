import Presence

/// The changes of one commit, reduced to the last one of each key and sorted by key.
///
/// Neighbours in a table share pages, so sorted writes touch each page once.
struct CommitChanges {
    /// What becomes of one row: the record to put, `nil` to remove it.
    typealias Row<Key, Record> = (key: Key, record: Record?)

    struct SubscriptionKey: Hashable, Comparable {
        let watcher: UserID
        let user: UserID

        static func < (left: Self, right: Self) -> Bool {
            left.watcher == right.watcher ? left.user < right.user : left.watcher < right.watcher
        }
    }

    private(set) var broker: BrokerRecord?
    /// The users, by id.
    private(set) var users: [Row<UserID, UserRecord>] = []
    /// The devices, by user and name.
    private(set) var devices: [Row<DeviceRecord.Key, DeviceRecord>] = []
    /// The ends of the subscriptions, by watcher and user.
    private(set) var subscriptions: [Row<SubscriptionKey, Int64>] = []
    /// The rows of the change log that are added, by id.
    private(set) var logged: [LoggedChange] = []
    /// Whose rows of the change log go, and up to which id: all that were added before that was said are
    /// below it, all that were added later above it.
    private(set) var erased: [(user: Name, through: Int64)] = []
    /// The last id that was given to a row of the change log.
    private(set) var logEnd: Int64?
    /// How far the receivers of webhooks are, by URL; `nil` for those that are forgotten.
    private(set) var webhooks: [String: WebhookPosition?] = [:]

    /// The subscriptions of each watcher.
    var subscriptionsByWatcher: [(watcher: UserID, rows: ArraySlice<RunChanges.Row>)] {
        var groups: [(watcher: UserID, rows: ArraySlice<RunChanges.Row>)] = []
        var rest = subscriptions[...]
        while let watcher = rest.first?.key.watcher {
            let own = rest.prefix { $0.key.watcher == watcher }
            groups.append((watcher, own))
            rest = rest[own.endIndex...]
        }
        return groups
    }

    /// Takes the changes in their order.
    init(_ changes: some Collection<Change>) {
        for change in changes {
            switch change {
            case .putBroker(let record): broker = record
            case .putUser(let record): users.append((record.id, record))
            case .removeUser(let id): users.append((id, nil))
            case .putDevice(let record): devices.append((record.key, record))
            case .removeDevice(let user, let name):
                devices.append((DeviceRecord.Key(user: user, name: name), nil))
            case .putSubscription(let record):
                let key = SubscriptionKey(watcher: record.watcher, user: record.user)
                subscriptions.append((key, record.expires))
            case .removeSubscription(let watcher, let user):
                subscriptions.append((SubscriptionKey(watcher: watcher, user: user), nil))
            case .log(.put(let row)): logged.append(row)
            case .log(.erase(let user, let id)): erased.append((user, id))
            case .log(.end(let id)): logEnd = id
            case .log(.putWebhook(let position)):
                webhooks.updateValue(position, forKey: position.url)
            case .log(.removeWebhook(let url)): webhooks.updateValue(nil, forKey: url)
            }
        }
        Self.keepLast(&users)
        Self.keepLast(&devices)
        Self.keepLast(&subscriptions)
    }

    /// Sorts rows by key and keeps the last of each.
    private static func keepLast<Key: Comparable, Record>(_ rows: inout [Row<Key, Record>]) {
        // The sort is stable: rows of one key stay in the order in which they came.
        rows.sort { $0.key < $1.key }
        var kept = 0
        for index in rows.indices {
            if kept > 0, rows[kept - 1].key == rows[index].key { kept -= 1 }
            if kept != index { rows[kept] = rows[index] }
            kept += 1
        }
        rows.removeSubrange(kept...)
    }
}
