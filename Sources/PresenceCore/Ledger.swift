import Presence

/// What the store does not know yet.
///
/// Users and devices are kept by number and name and written as they are when the time comes, so
/// that a write that failed is made up for by the next that succeeds.
struct Ledger: Sendable {
    /// A device of a user.
    struct DeviceEntry: Hashable, Comparable, Sendable {
        var user: UserID
        var device: Name

        static func < (left: DeviceEntry, right: DeviceEntry) -> Bool {
            left.user != right.user ? left.user < right.user : left.device < right.device
        }
    }

    /// Users whose row is out of date.
    var users: Set<UserID> = []
    /// Devices whose row is out of date.
    var devices: Set<DeviceEntry> = []
    /// Subscriptions that have run out, in order.
    var ends: [Change] = []
    /// Subscriptions of this turn's requests, in order.
    var subscriptions: [Change] = []
    /// Whether the broker's row is out of date.
    var isBrokerDue = false
    /// Names that were dropped, whose numbers are free when their rows are gone.
    var dropped: Set<UserID> = []
    /// Users who have a row.
    private(set) var stored = BitSet()
    /// What the changes put, take away and make free when they are stored.
    private var putting: [UserID] = []
    private var removing: [UserID] = []
    private var dropping: [UserID] = []

    /// Whether there is nothing to write.
    var isEmpty: Bool {
        users.isEmpty && devices.isEmpty && ends.isEmpty && subscriptions.isEmpty && !isBrokerDue
    }

    /// Takes note of a row that was there before a restart.
    mutating func restore(_ id: UserID) { stored.set(Int(id), to: true) }

    /// Asks for a user's row if it has none yet.
    mutating func ensureRow(of id: UserID) {
        if !stored.contains(Int(id)) { users.insert(id) }
    }

    /// Everything that is to be written, in an order that depends on nothing but the content.
    mutating func changes(_ core: PresenceCore) -> [Change] {
        var changes: [Change] = []
        changes.reserveCapacity(users.count + devices.count + ends.count + subscriptions.count + 1)
        if isBrokerDue { changes.append(.putBroker(core.brokerRecord)) }
        for entry in devices where core.deviceRecord(entry) != nil {
            ensureRow(of: entry.user)
        }
        putting = []
        removing = []
        for id in users.sorted() {
            if let record = core.userRecord(id) {
                changes.append(.putUser(record))
                putting.append(id)
            } else {
                removing.append(id)
            }
        }
        for entry in devices.sorted() {
            if let record = core.deviceRecord(entry) {
                changes.append(.putDevice(record))
            } else {
                changes.append(.removeDevice(user: entry.user, name: entry.device))
            }
        }
        dropping = dropped.sorted()
        // A user's row is there before, and gone after, all that refers to it.
        return changes + ends + subscriptions + removing.map(Change.removeUser)
    }

    /// Everything is written; returns the numbers that have become free.
    mutating func succeed() -> [UserID] {
        for id in putting {
            stored.set(Int(id), to: true)
        }
        for id in removing {
            stored.set(Int(id), to: false)
        }
        putting = []
        removing = []
        users = []
        devices = []
        ends = []
        subscriptions = []
        isBrokerDue = false
        dropped.subtract(dropping)
        defer { dropping = [] }
        return dropping
    }

    /// Nothing was written: what requests changed is taken back, everything else is tried again.
    mutating func fail() {
        subscriptions = []
        putting = []
        removing = []
        dropping = []
    }
}
