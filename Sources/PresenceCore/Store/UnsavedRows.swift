import Presence

/// A device of a user, by the user's number.
struct DeviceEntry: Hashable, Comparable, Sendable {
    var user: UserID
    var device: Name

    static func < (left: DeviceEntry, right: DeviceEntry) -> Bool {
        left.user != right.user ? left.user < right.user : left.device < right.device
    }
}

/// What the store does not know yet, and whether it accepts writes.
///
/// Users and devices are noted by number and name, and their records are given when the time of
/// writing comes, so that a write that failed is made up for by the next that succeeds.
struct UnsavedRows: Sendable {
    /// Time between two tries of a store that does not accept writes, in milliseconds.
    static let pause: Int64 = 1_000

    /// Whether the store accepts writes.
    private enum State: Hashable {
        case accepts
        /// It did not: a change is refused until the next try.
        case refuses
        /// It did not, and the next turn tries again.
        case isTried
    }

    /// What the store's answer to a write means.
    enum Outcome: Hashable {
        /// Nothing was to be written, or the store goes on as before.
        case goesOn
        /// It accepts writes again.
        case recovered
        /// It has ceased to accept writes.
        case failed
    }

    private var state = State.accepts
    private var users: Set<UserID> = []
    private var devices: Set<DeviceEntry> = []
    /// Subscriptions that have run out, in order.
    private var expired: [Change] = []
    /// Subscriptions of this turn's requests, in order.
    private var requested: [Change] = []
    private var isBrokerDue = false
    /// Names that were dropped, whose numbers are free when their rows are gone.
    private var dropped: Set<UserID> = []
    /// Users who have a row.
    private(set) var stored = BitSet()
    /// What the changes put, take away and make free when they are stored.
    private var putting: [UserID] = []
    private var removing: [UserID] = []
    private var dropping: [UserID] = []

    private var isEmpty: Bool {
        users.isEmpty && devices.isEmpty && expired.isEmpty && requested.isEmpty && !isBrokerDue
    }

    /// Whether there is something to write as soon as may be.
    var isBusy: Bool { !isEmpty && state == .accepts }

    /// Whether there is something to write in this turn.
    var isDue: Bool { !isEmpty && state != .refuses }

    /// Whether a request may change anything.
    var acceptsChanges: Bool { state != .refuses }

    // MARK: - What is out of date

    /// Takes note of a row that was there before a restart.
    mutating func restore(_ id: UserID) { stored.set(Int(id), to: true) }

    /// The broker's row is out of date.
    mutating func noteBroker() { isBrokerDue = true }

    /// A user's row is out of date.
    mutating func note(_ user: UserID) { users.insert(user) }

    /// A device's row is out of date.
    mutating func note(_ device: DeviceEntry) { devices.insert(device) }

    /// A name was dropped: its row goes, and its number is free then.
    mutating func noteDropped(_ id: UserID) {
        dropped.insert(id)
        users.insert(id)
    }

    /// A request made a subscription, or gave it another end.
    mutating func note(_ subscription: SubscriptionRecord) {
        noteRow(of: subscription.watcher)
        if subscription.user != .everyone { noteRow(of: subscription.user) }
        requested.append(.putSubscription(subscription))
    }

    /// A request ended a subscription.
    mutating func noteUnsubscribed(_ watcher: UserID, from user: UserID) {
        requested.append(.removeSubscription(watcher: watcher, user: user))
    }

    /// A subscription has run out.
    mutating func noteExpired(_ watcher: UserID, watching user: UserID) {
        expired.append(.removeSubscription(watcher: watcher, user: user))
    }

    /// Asks for a user's row if it has none yet.
    private mutating func noteRow(of id: UserID) {
        if !stored.contains(Int(id)) { users.insert(id) }
    }

    // MARK: - Writing

    /// The devices whose rows are out of date.
    var dueDevices: [DeviceEntry] { devices.sorted() }

    /// The users whose rows are out of date, or who must have one for their devices' sake.
    mutating func takeDueUsers(with devices: [(DeviceEntry, DeviceRecord?)]) -> [UserID] {
        for (entry, record) in devices where record != nil { noteRow(of: entry.user) }
        return users.sorted()
    }

    /// Everything that is to be written, in an order that depends on nothing but the content.
    ///
    /// - Parameters:
    ///   - users: what is to be stored of the users that are due; `nil` for nothing.
    ///   - devices: the same of the devices that are due.
    mutating func changes(
        broker: BrokerRecord,
        users: [(UserID, UserRecord?)],
        devices: [(DeviceEntry, DeviceRecord?)]
    ) -> [Change] {
        var changes: [Change] = []
        changes.reserveCapacity(users.count + devices.count + expired.count + requested.count + 1)
        if isBrokerDue { changes.append(.putBroker(broker)) }
        putting = []
        removing = []
        for (id, record) in users {
            if let record {
                changes.append(.putUser(record))
                putting.append(id)
            } else {
                removing.append(id)
            }
        }
        for (entry, record) in devices {
            if let record {
                changes.append(.putDevice(record))
            } else {
                changes.append(.removeDevice(user: entry.user, name: entry.device))
            }
        }
        dropping = dropped.sorted()
        changes += expired
        changes += requested
        // A user's row is there before, and gone after, all that refers to it.
        for id in removing { changes.append(.removeUser(id)) }
        return changes
    }

    /// Everything is written.
    ///
    /// - Parameter freed: the numbers that have become free are added to it.
    mutating func succeed(_ freed: inout [UserID]) -> Outcome {
        guard state != .refuses else { return .goesOn }
        for id in putting { stored.set(Int(id), to: true) }
        for id in removing { stored.set(Int(id), to: false) }
        putting = []
        removing = []
        users = []
        devices = []
        expired = []
        requested = []
        isBrokerDue = false
        dropped.subtract(dropping)
        freed += dropping
        dropping = []
        defer { state = .accepts }
        return state == .accepts ? .goesOn : .recovered
    }

    /// Nothing was written: what requests changed is taken back, everything else is tried again.
    mutating func fail() -> Outcome {
        requested = []
        putting = []
        removing = []
        dropping = []
        // So that the next try has something to write.
        isBrokerDue = true
        defer { state = .refuses }
        return state == .accepts ? .failed : .goesOn
    }

    /// The pause after a failure is over.
    mutating func tryAgain() { if state == .refuses { state = .isTried } }
}
