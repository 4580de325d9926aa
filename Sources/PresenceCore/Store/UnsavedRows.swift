import BitCollections
import Presence

/// What the store does not know yet, and whether it accepts writes.
///
/// Users and devices are noted by number and name, and their records are given when the time of
/// writing comes, so that a write that failed is made up for by the next that succeeds.
struct UnsavedRows: Sendable {
    /// Time between two tries of a store that does not accept writes, in milliseconds.
    static let pause: Int64 = 1_000

    private enum State: Hashable {
        case accepts
        /// It did not: a change is refused until the next try.
        case refuses
        /// It did not, and the next turn tries again.
        case isTried
    }

    private var state = State.accepts
    private var users = NumberMap<Void>()
    private var devices: Set<DeviceRecord.Key> = []
    /// Subscriptions that have run out, in order.
    private var expired: [Change] = []
    /// Subscriptions of this turn's requests, in order.
    private var requested: [Change] = []
    /// Whether a request of this turn has changed a user.
    private var hasRequestedUser = false
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

    /// Whether the store itself must take what is written in this turn: a request waits for it, or whether
    /// it accepts writes again is to be found out.
    var isRequested: Bool { hasRequestedUser || !requested.isEmpty || state == .isTried }

    /// Whether a request may change anything.
    var acceptsChanges: Bool { state != .refuses }

    // MARK: - What is out of date

    mutating func restore(_ id: UserID) { stored.insert(Int(id)) }
    mutating func noteBroker() { isBrokerDue = true }
    mutating func note(_ user: UserID) {
        if users.index(of: user) == nil { users.insert((), under: user) }
    }
    mutating func note(_ device: DeviceRecord.Key) { devices.insert(device) }

    /// A request has changed a user, who is noted beside that.
    mutating func noteRequestedUser() { hasRequestedUser = true }

    /// A name was dropped: its row goes, and its number is free then.
    mutating func noteDropped(_ id: UserID) {
        dropped.insert(id)
        note(id)
    }

    /// A request made a subscription, or gave it another end.
    mutating func note(_ subscription: SubscriptionRecord) {
        noteRow(of: subscription.watcher)
        if subscription.user != .everyone { noteRow(of: subscription.user) }
        requested.append(.putSubscription(subscription))
    }

    /// A subscription has ended, by a request or since it has run out.
    mutating func noteUnsubscribed(_ watcher: UserID, from user: UserID, isRequested: Bool) {
        let change = Change.removeSubscription(watcher: watcher, user: user)
        if isRequested { requested.append(change) } else { expired.append(change) }
    }

    /// Asks for a user's row if it has none yet.
    private mutating func noteRow(of id: UserID) {
        if !stored.contains(Int(id)) { note(id) }
    }

    // MARK: - Writing

    var dueDevices: [DeviceRecord.Key] { devices.sorted() }

    /// The users whose rows are out of date, or who must have one for their devices' sake.
    mutating func takeDueUsers(with devices: [(DeviceRecord.Key, DeviceRecord?)]) -> [UserID] {
        for (key, record) in devices where record != nil { noteRow(of: key.user) }
        return users.keys.sorted()
    }

    /// Everything that is to be written, in an order that depends on nothing but the content.
    ///
    /// - Parameters:
    ///   - users: what is to be stored of the users that are due; `nil` for nothing.
    ///   - devices: the same of the devices that are due.
    mutating func changes(
        broker: BrokerRecord,
        users: [(UserID, UserRecord?)],
        devices: [(DeviceRecord.Key, DeviceRecord?)]
    ) -> [Change] {
        var changes: [Change] = isBrokerDue ? [.putBroker(broker)] : []
        changes.reserveCapacity(users.count + devices.count + expired.count + requested.count + 1)
        (putting, removing) = ([], [])
        for (id, record) in users {
            if let record {
                changes.append(.putUser(record))
                putting.append(id)
            } else {
                removing.append(id)
            }
        }
        for (key, record) in devices {
            let removal = Change.removeDevice(user: key.user, name: key.name)
            changes.append(record.map(Change.putDevice) ?? removal)
        }
        dropping = dropped.sorted()
        changes += expired
        changes += requested
        // A user's row is there before, and gone after, all that refers to it.
        for id in removing { changes.append(.removeUser(id)) }
        return changes
    }

    /// Everything is written, or nothing was to be: whether the store accepts writes again, and the
    /// numbers that have become free.
    mutating func succeed() -> (hasRecovered: Bool, freed: [UserID]) {
        guard state != .refuses else { return (false, []) }
        for id in putting { stored.insert(Int(id)) }
        for id in removing { stored.remove(Int(id)) }
        users.removeAll()
        devices.removeAll(keepingCapacity: devices.count < 1_024)
        (expired, requested, isBrokerDue) = ([], [], false)
        hasRequestedUser = false
        dropped.subtract(dropping)
        defer {
            state = .accepts
            (putting, removing, dropping) = ([], [], [])
        }
        return (state == .isTried, dropping)
    }

    /// Nothing was written: what requests changed is taken back, everything else is tried again.
    ///
    /// Returns whether the store has just ceased to accept writes.
    mutating func fail() -> Bool {
        requested = []
        hasRequestedUser = false
        (putting, removing, dropping) = ([], [], [])
        // So that the next try has something to write.
        isBrokerDue = true
        defer { state = .refuses }
        return state == .accepts
    }

    /// The pause after a failure is over.
    mutating func tryAgain() { if state == .refuses { state = .isTried } }
}
