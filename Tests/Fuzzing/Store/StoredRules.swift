import Presence

/// What must hold of everything that a store hands out, whatever its file looks like.
struct StoredRules {
    /// The rules that are broken, in words.
    private(set) var broken: [String] = []

    private var names: [UserID: Name] = [:]
    private var devices: Set<Key> = []
    private var subscriptions: Set<[UserID]> = []

    private struct Key: Hashable {
        var user: UserID
        var device: Name
    }

    /// Looks at a replay.
    init(_ changes: [Change]) {
        for change in changes { look(at: change) }
    }

    private mutating func look(at change: Change) {
        switch change {
        case .putBroker(let record):
            check(record.started, "started")
            check(record.clock, "clock")
            check(record.lastStart, "last start")
            if record.epoch < 0 || record.epoch > 1 << 53 { broken.append("an epoch") }
        case .putUser(let record):
            if Name(user: record.name.text) == nil { broken.append("the name of a user") }
            if record.id == .everyone || record.id > 1 << 28 { broken.append("the id of a user") }
            if names.updateValue(record.name, forKey: record.id) != nil {
                broken.append("user \(record.id) came twice")
            }
            if record.seq < 0 || record.seq > 1 << 53 { broken.append("a seq") }
            for time in [record.descriptionExpires, record.since, record.updated] {
                check(time, "of a user")
            }
        case .putDevice(let record):
            if Name(device: record.name.text) == nil { broken.append("the name of a device") }
            if StatusWord(record.status.text) == nil { broken.append("a status") }
            if names[record.user] == nil { broken.append("a device of nobody") }
            if !devices.insert(Key(user: record.user, device: record.name)).inserted {
                broken.append("a device came twice")
            }
            check(record.heard, "heard")
        case .putSubscription(let record):
            let isThere = record.user == .everyone || names[record.user] != nil
            if names[record.watcher] == nil || !isThere {
                broken.append("a subscription of nobody")
            }
            if !subscriptions.insert([record.watcher, record.user]).inserted {
                broken.append("a subscription came twice")
            }
            check(record.expires, "expires")
        case .log(.end(let id)):
            if id < 1 || id > 1 << 53 { broken.append("the end of the log") }
        case .log(.putWebhook(let position)):
            if position.condensed > 1 << 53 { broken.append("the end of a webhook") }
        case .removeUser, .removeDevice, .removeSubscription, .log:
            broken.append("\(change) in a replay")
        }
    }

    private mutating func check(_ time: Int64?, _ what: String) {
        if let time, !(0...253_402_300_799).contains(time) { broken.append("the time \(what)") }
    }
}
