import Presence
import Testing

/// A store in memory that insists on what a database would: what refers to a user comes after
/// its row, and a row goes after all that refers to it.
struct Disk {
    struct Pair: Hashable {
        var left: UserID
        var right: UserID
    }

    struct DeviceID: Hashable {
        var user: UserID
        var name: Name
    }

    private(set) var users: [UserID: UserRecord] = [:]
    private(set) var devices: [DeviceID: DeviceRecord] = [:]
    private(set) var subscriptions: [Pair: SubscriptionRecord] = [:]
    private(set) var broker: BrokerRecord?
    private(set) var logEnd: Int64?
    /// The rows of the change log, in the order in which they came.
    private(set) var logged: [LoggedChange] = []

    /// Whether no name has two rows; a batch may give a name a new row before it takes the old one.
    var hasUniqueNames: Bool { Set(users.values.map(\.name)).count == users.count }

    mutating func apply(_ change: Change) {
        switch change {
        case .putUser(let record):
            users[record.id] = record
        case .removeUser(let id):
            #expect(devices.keys.allSatisfy { $0.user != id }, "devices of \(id) stay behind")
            #expect(
                subscriptions.keys.allSatisfy { $0.left != id && $0.right != id },
                "subscriptions of \(id) stay behind"
            )
            users[id] = nil
        case .putDevice(let record):
            #expect(users[record.user] != nil, "device \(record.name) without its user")
            devices[DeviceID(user: record.user, name: record.name)] = record
        case .removeDevice(let user, let name):
            devices[DeviceID(user: user, name: name)] = nil
        case .putSubscription(let record):
            #expect(users[record.watcher] != nil)
            #expect(record.user == .everyone || users[record.user] != nil)
            subscriptions[Pair(left: record.watcher, right: record.user)] = record
        case .removeSubscription(let watcher, let user):
            subscriptions[Pair(left: watcher, right: user)] = nil
        case .putBroker(let record): broker = record
        case .log(.put(let change)):
            #expect(change.id > logged.last?.id ?? 0, "an id does not rise")
            logged.append(change)
        case .log(.erase(let user, let id)): logged.removeAll { $0.user == user && $0.id <= id }
        case .log(.end(let id)): logEnd = id
        case .log(.putWebhook), .log(.removeWebhook): Issue.record("the core has no webhooks")
        }
    }

    /// Everything, as a store replays it.
    var replay: [Change] {
        (broker.map { [.putBroker($0)] } ?? [])
            + users.values.sorted { $0.id < $1.id }.map(Change.putUser)
            + devices.values.sorted { ($0.user, $0.name) < ($1.user, $1.name) }
            .map(Change.putDevice)
            + subscriptions.values.sorted { ($0.watcher, $0.user) < ($1.watcher, $1.user) }
            .map(Change.putSubscription) + (logEnd.map { [.log(.end($0))] } ?? [])
    }

    /// The devices that are stored, as `user/device word`.
    var deviceTexts: [String] {
        devices.values.filter(\.status.isOnline).map {
            "\(users[$0.user]?.name.text ?? "?")/\($0.name) \($0.status)"
        }
        .sorted()
    }
}
