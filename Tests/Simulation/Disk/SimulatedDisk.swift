import Presence

/// What is stored, in the simulation: outlives the bridge's processes.
package final class SimulatedDisk {
    private struct Pair: Hashable {
        var watcher: UserID
        var user: UserID
    }

    private struct DeviceID: Hashable {
        var user: UserID
        var name: Name
    }

    private var users: [UserID: UserRecord] = [:]
    private var devices: [DeviceID: DeviceRecord] = [:]
    private var subscriptions: [Pair: SubscriptionRecord] = [:]
    private var broker: BrokerRecord?
    private var logEnd: Int64 = 0
    private var webhooks: [String: WebhookPosition] = [:]
    /// The rows of the change log, by id.
    package private(set) var logged: [LoggedChange] = []

    /// Whether there is no room for anything.
    package var isFull = false

    /// An empty disk.
    package init() {}

    /// The users, devices and subscriptions stored.
    package var rows: Int { users.count + devices.count + subscriptions.count }

    /// Everything, in the order in which a store hands it out.
    package var contents: [Change] {
        (broker.map { [.putBroker($0)] } ?? [])
            + users.values.sorted { $0.id < $1.id }.map(Change.putUser)
            + devices.values.sorted { ($0.user, $0.name) < ($1.user, $1.name) }
            .map(Change.putDevice)
            + subscriptions.values.sorted { ($0.watcher, $0.user) < ($1.watcher, $1.user) }
            .map(Change.putSubscription) + (logEnd > 0 ? [.log(.end(logEnd))] : [])
            + webhooks.values.sorted { $0.url < $1.url }.map { .log(.putWebhook($0)) }
    }

    /// Takes a change in, which is then there for good.
    package func apply(_ change: Change) {
        switch change {
        case .putUser(let record): users[record.id] = record
        case .removeUser(let id): users[id] = nil
        case .putDevice(let record):
            devices[DeviceID(user: record.user, name: record.name)] = record
        case .removeDevice(let user, let name): devices[DeviceID(user: user, name: name)] = nil
        case .putSubscription(let record):
            subscriptions[Pair(watcher: record.watcher, user: record.user)] = record
        case .removeSubscription(let watcher, let user):
            subscriptions[Pair(watcher: watcher, user: user)] = nil
        case .putBroker(let record): broker = record
        case .log(.put(let change)): logged.append(change)
        case .log(.erase(let user, let id)): logged.removeAll { $0.user == user && $0.id <= id }
        case .log(.end(let id)): logEnd = id
        case .log(.putWebhook(let position)): webhooks[position.url] = position
        case .log(.removeWebhook(let url)): webhooks[url] = nil
        }
    }
}
