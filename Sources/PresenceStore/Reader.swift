import BitCollections
import GRDB
import Presence

/// Reads the tables row by row, in the order of their keys, and believes none of it.
///
/// A page of garbage can look like rows. So besides each value the order of the keys is checked,
/// and that each user that a row names is there.
struct Reader {
    struct Damage: Error {
        let reason: String
    }

    private let database: Database
    private var users = BitSet()
    /// The rows read so far.
    private(set) var count: Int64 = 0

    init(from database: Database) {
        self.database = database
    }

    mutating func read(_ body: (Change) -> Void) throws {
        try readBroker(body)
        try readUsers(body)
        try readDevices(body)
        try readSubscriptions(body)
    }

    /// Reads which turn is the last one whose changes are there.
    func readSequence() throws -> Int64 {
        let rows = try CheckedRows(database, "SELECT applied FROM journal ORDER BY id LIMIT 1")
        guard try rows.next() else { throw Damage(reason: "journal is empty") }
        let sequence = try rows.integer(0, "journal.applied")
        guard JournalRecord.sequences.contains(sequence) else {
            throw Damage(reason: "journal.applied is \(sequence)")
        }
        // The transaction may end with the query open, which would keep it from being closed.
        _ = try rows.next()
        return sequence
    }

    private mutating func readBroker(_ body: (Change) -> Void) throws {
        let rows = try CheckedRows(
            database,
            """
            SELECT started, epoch, is_settled, clock, last_start, kept, mark, marked_topic \
            FROM broker ORDER BY id LIMIT 1
            """
        )
        while try rows.next() {
            guard let kept = KeptCopy(rawValue: try rows.integer(5, "broker.kept")) else {
                throw Damage(reason: "broker.kept is none of the values that it can have")
            }
            let record = BrokerRecord(
                started: try rows.optionalInteger(0, "broker.started"),
                epoch: try rows.integer(1, "broker.epoch"),
                isSettled: try rows.integer(2, "broker.is_settled") != 0,
                clock: try rows.integer(3, "broker.clock"),
                lastStart: try rows.integer(4, "broker.last_start"),
                kept: kept,
                mark: try rows.integer(6, "broker.mark"),
                markedTopic: try rows.optionalText(7, "broker.marked_topic")
            )
            if let rule = record.brokenRuleAsFound { throw Damage(reason: rule) }
            body(.putBroker(record))
        }
    }

    private mutating func readUsers(_ body: (Change) -> Void) throws {
        let rows = try CheckedRows(
            database,
            """
            SELECT id, name, description, description_expires, cause, since, updated, seq \
            FROM user ORDER BY id
            """
        )
        var last = UserID.everyone
        while try rows.next() {
            let id = try rows.userID(0, "user.id")
            guard id > last else {
                throw Damage(reason: "user \(id) stands behind user \(last)")
            }
            last = id
            var cause: Cause?
            if let word = try rows.optionalText(4, "user.cause") {
                cause = Cause(rawValue: word)
                guard cause != nil else { throw Damage(reason: "user \(id) has no legal cause") }
            }
            let record = UserRecord(
                id: id,
                name: Name(checked: try rows.text(1, "user.name")),
                description: try rows.text(2, "user.description"),
                descriptionExpires: try rows.optionalInteger(3, "user.description_expires"),
                cause: cause,
                since: try rows.optionalInteger(5, "user.since"),
                updated: try rows.optionalInteger(6, "user.updated"),
                seq: try rows.integer(7, "user.seq")
            )
            if let rule = record.brokenRuleAsFound { throw Damage(reason: rule) }
            users.insert(Int(id))
            count += 1
            body(.putUser(record))
        }
    }

    private mutating func readDevices(_ body: (Change) -> Void) throws {
        let rows = try CheckedRows(
            database,
            """
            SELECT user_id, name, status, ttl, session, epoch, heard \
            FROM device ORDER BY user_id, name
            """
        )
        var last: DeviceRecord.Key?
        while try rows.next() {
            let record = DeviceRecord(
                user: try rows.userID(0, "device.user_id"),
                name: Name(checked: try rows.text(1, "device.name")),
                status: StatusWord(checked: try rows.text(2, "device.status")),
                ttl: try rows.optionalInteger(3, "device.ttl"),
                session: try rows.optionalText(4, "device.session"),
                epoch: try rows.integer(5, "device.epoch"),
                heard: try rows.integer(6, "device.heard")
            )
            if let rule = record.brokenRule { throw Damage(reason: rule) }
            if let last, last >= record.key {
                throw Damage(reason: "the devices of user \(record.user) are out of order")
            }
            guard users.contains(Int(record.user)) else {
                throw Damage(reason: "a device belongs to user \(record.user), who is not there")
            }
            last = record.key
            count += 1
            body(.putDevice(record))
        }
    }

    private mutating func readSubscriptions(_ body: (Change) -> Void) throws {
        let rows = try CheckedRows(
            database,
            """
            SELECT watcher_id, user_id, expires \
            FROM subscription ORDER BY watcher_id, user_id
            """
        )
        var last: UInt64 = 0
        while try rows.next() {
            let record = SubscriptionRecord(
                watcher: try rows.userID(0, "subscription.watcher_id"),
                user: try rows.userID(1, "subscription.user_id"),
                expires: try rows.integer(2, "subscription.expires")
            )
            if let rule = record.brokenRule { throw Damage(reason: rule) }
            let key = UInt64(record.watcher) << 32 | UInt64(record.user)
            guard key > last else {
                throw Damage(reason: "the subscriptions of user \(record.watcher) are out of order")
            }
            last = key
            guard users.contains(Int(record.watcher)) else {
                throw Damage(reason: "a subscription of user \(record.watcher), who is not there")
            }
            guard record.user == .everyone || users.contains(Int(record.user)) else {
                throw Damage(reason: "a subscription to user \(record.user), who is not there")
            }
            count += 1
            body(.putSubscription(record))
        }
    }
}
