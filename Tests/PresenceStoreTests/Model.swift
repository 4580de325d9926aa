import Chance
import Presence

/// What a store should hold, in dictionaries.
struct Model {
    private var broker: BrokerRecord?
    private var users: [UserID: UserRecord] = [:]
    private var devices: [UserID: [Name: DeviceRecord]] = [:]
    private var subscriptions: [UserID: [UserID: Int64]] = [:]

    mutating func apply(_ change: Change) {
        switch change {
        case .putBroker(let record): broker = record
        case .putUser(let record): users[record.id] = record
        case .removeUser(let id): users[id] = nil
        case .putDevice(let record): devices[record.user, default: [:]][record.name] = record
        case .removeDevice(let user, let name): devices[user]?[name] = nil
        case .putSubscription(let record):
            subscriptions[record.watcher, default: [:]][record.user] = record.expires
        case .removeSubscription(let watcher, let user): subscriptions[watcher]?[user] = nil
        case .log: break
        }
    }

    /// The steps that take a user away with all that names it.
    func removal(of id: UserID) -> [Change] {
        var changes: [Change] = []
        for name in (devices[id] ?? [:]).keys {
            changes.append(.removeDevice(user: id, name: name))
        }
        for (watcher, watched) in subscriptions {
            for user in watched.keys where watcher == id || user == id {
                changes.append(.removeSubscription(watcher: watcher, user: user))
            }
        }
        return changes + [.removeUser(id)]
    }

    func has(_ id: UserID) -> Bool { users[id] != nil }

    /// How many users, devices and subscriptions there are; the broker's record is none of them.
    var rows: Int {
        users.count + devices.values.map(\.count).reduce(0, +)
            + subscriptions.values.map(\.count).reduce(0, +)
    }

    var everything: [Change] {
        var changes: [Change] = broker.map { [.putBroker($0)] } ?? []
        changes += users.values.sorted { $0.id < $1.id }.map { .putUser($0) }
        for (_, ofUser) in devices.sorted(by: { $0.key < $1.key }) {
            changes += ofUser.values.sorted { $0.name < $1.name }.map { .putDevice($0) }
        }
        for (watcher, ofWatcher) in subscriptions.sorted(by: { $0.key < $1.key }) {
            for (user, expires) in ofWatcher.sorted(by: { $0.key < $1.key }) {
                changes.append(.subscription(watcher, user, expires))
            }
        }
        return changes
    }
}

extension Model {
    /// Random changes that keep the rule that whoever is named is there.
    mutating func someChanges(_ random: inout SeededNumbers) -> [Change] {
        var batch: [Change] = []
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let one = UserID.random(in: 1...9, using: &random)
            let other = UserID.random(in: 0...9, using: &random)
            let name = ["a", "b", "e\u{301}", "\u{E9}"].randomElement(using: &random) ?? "a"
            let time = Int64.random(in: 0...1_000, using: &random)
            let changes: [Change]
            switch Int.random(in: 0..<10, using: &random) {
            case 0: changes = [.putBroker(BrokerRecord(epoch: time, clock: time))]
            case 1: changes = removal(of: one)
            case 2: changes = [.removeDevice(user: one, name: Name(checked: name))]
            case 3: changes = [.removeSubscription(watcher: one, user: other)]
            case 4, 5: changes = [.user(one), .device(one, name)]
            case 6...8 where has(one) && (other == .everyone || has(other)):
                changes = [.subscription(one, other, time)]
            default:
                changes = [
                    .putUser(UserRecord(id: one, name: Name(checked: name), since: time, seq: time))
                ]
            }
            for change in changes { apply(change) }
            batch += changes
        }
        return batch
    }
}
