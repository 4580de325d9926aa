import Presence

/// The changes of one commit, reduced to the last one of each key and sorted by key.
///
/// Neighbours in a table share pages, so sorted writes touch each page once.
struct Batch {
    /// What becomes of one row: the record to put, `nil` to remove it.
    typealias Row<Key, Record> = (key: Key, record: Record?)

    /// The key of a device.
    struct DeviceKey: Hashable, Comparable {
        let user: UserID
        let name: Name

        static func < (left: Self, right: Self) -> Bool {
            left.user == right.user ? left.name < right.name : left.user < right.user
        }
    }

    /// The key of a subscription.
    struct SubscriptionKey: Hashable, Comparable {
        let watcher: UserID
        let user: UserID

        static func < (left: Self, right: Self) -> Bool {
            left.watcher == right.watcher ? left.user < right.user : left.watcher < right.watcher
        }
    }

    private(set) var broker: BrokerRecord?
    private var lastOfUser: [UserID: UserRecord?] = [:]
    private var lastOfDevice: [DeviceKey: DeviceRecord?] = [:]
    private var lastOfSubscription: [SubscriptionKey: Int64?] = [:]

    /// Takes the changes in their order.
    init(_ changes: some Collection<Change>) {
        for change in changes {
            switch change {
            case .putBroker(let record): broker = record
            case .putUser(let record): lastOfUser[record.id] = .some(record)
            case .removeUser(let id): lastOfUser[id] = .some(nil)
            case .putDevice(let record):
                lastOfDevice[DeviceKey(user: record.user, name: record.name)] = .some(record)
            case .removeDevice(let user, let name):
                lastOfDevice[DeviceKey(user: user, name: name)] = .some(nil)
            case .putSubscription(let record):
                let key = SubscriptionKey(watcher: record.watcher, user: record.user)
                lastOfSubscription[key] = .some(record.expires)
            case .removeSubscription(let watcher, let user):
                lastOfSubscription[SubscriptionKey(watcher: watcher, user: user)] = .some(nil)
            }
        }
    }

    /// The users, by id.
    var users: [Row<UserID, UserRecord>] { Self.sorted(lastOfUser) }

    /// The devices, by user and name.
    var devices: [Row<DeviceKey, DeviceRecord>] { Self.sorted(lastOfDevice) }

    /// The ends of the subscriptions, by watcher and user.
    var subscriptions: [Row<SubscriptionKey, Int64>] { Self.sorted(lastOfSubscription) }

    private static func sorted<Key: Comparable, Record>(
        _ rows: [Key: Record?]
    ) -> [Row<Key, Record>] {
        rows.map { (key: $0.key, record: $0.value) }.sorted { $0.key < $1.key }
    }
}
