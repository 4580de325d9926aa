import BitCollections
import Presence

/// Reads the tables row by row, in the order of their keys, and believes none of it.
///
/// A page of garbage can look like rows. So besides each value the order of the keys is checked,
/// and that each user that a row names is there.
struct Reader<Tables: StoredTables> {
    private let tables: Tables
    private var users = BitSet()
    /// The rows read so far.
    private(set) var count: Int64 = 0

    init(from tables: Tables) {
        self.tables = tables
    }

    mutating func read(
        _ body: (Change) -> Void,
        subscriptions: (UserID, [WatchedUser]) -> Void
    ) throws {
        try readBroker(body)
        try readUsers(body)
        try readDevices(body)
        try readSubscriptions(subscriptions)
        try readLogEnd(body)
        try readWebhooks(body)
        try checkLog()
    }

    /// Reads what is known of the broker; `nil` where nothing is.
    func readBroker() throws -> BrokerRecord? {
        var record: BrokerRecord?
        try readBroker { if case .putBroker(let found) = $0 { record = found } }
        return record
    }

    /// Reads the last id of the change log, where one was ever given out.
    private func readLogEnd(_ body: (Change) -> Void) throws {
        let rows = try tables.rows("SELECT last FROM change_log ORDER BY id LIMIT 1")
        while try rows.next() {
            let step = LogStep.end(try rows.integer(0, "change_log.last"))
            if let rule = step.brokenRule { throw Damage(reason: rule) }
            if step != .end(0) { body(.log(step)) }
        }
    }

    private func readWebhooks(_ body: (Change) -> Void) throws {
        let rows = try tables.rows(
            "SELECT url, taken, held, passed, condensed, skipped FROM webhook ORDER BY url"
        )
        while try rows.next() {
            let position = WebhookPosition(
                try rows.text(0, "webhook.url"),
                taken: try rows.integer(1, "webhook.taken"),
                held: try rows.integer(2, "webhook.held"),
                passed: try rows.integer(3, "webhook.passed"),
                condensed: try rows.integer(4, "webhook.condensed"),
                skipped: try rows.integer(5, "webhook.skipped")
            )
            guard let position else { throw Damage(reason: "a webhook's ids do not rise") }
            let step = LogStep.putWebhook(position)
            if let rule = step.brokenRule { throw Damage(reason: rule) }
            body(.log(step))
        }
    }

    private func checkLog() throws {
        for query in Tables.logSamples {
            let rows = try tables.rows(query)
            while try rows.next() { _ = try rows.integer(0, "the change log") }
        }
    }

    private func readBroker(_ body: (Change) -> Void) throws {
        let rows = try tables.rows(
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
        let rows = try tables.rows(
            "SELECT \(UserRecord.columns) FROM \"user\" ORDER BY id"
        )
        var last = UserID.everyone
        while try rows.next() {
            let id = try rows.userID(0, "user.id")
            guard id > last else {
                throw Damage(reason: "user \(id) stands behind user \(last)")
            }
            last = id
            let record = try UserRecord(id, rows)
            users.insert(Int(id))
            count += 1
            body(.putUser(record))
        }
    }

    private mutating func readDevices(_ body: (Change) -> Void) throws {
        let rows = try tables.rows(
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

    private mutating func readSubscriptions(_ body: (UserID, [WatchedUser]) -> Void) throws {
        let rows = try tables.rows("SELECT id, entries FROM subscription_run ORDER BY id")
        var watched: [WatchedUser] = []
        watched.reserveCapacity(SubscriptionRun.longest)
        var last: Int64 = 0
        while try rows.next() {
            let (watcher, start) = try SubscriptionRun.read(rows, into: &watched)
            guard SubscriptionRun.id(of: watcher, start) > last else {
                throw Damage(reason: "the subscriptions of user \(watcher) are out of order")
            }
            guard users.contains(Int(watcher)) else {
                throw Damage(reason: "a subscription of user \(watcher), who is not there")
            }
            for entry in watched {
                guard users.contains(Int(entry.user)) || entry.user == .everyone else {
                    let reason = "a subscription to user \(entry.user), who is not there"
                    throw Damage(reason: reason)
                }
                let record = SubscriptionRecord(watcher, entry)
                if let rule = record.brokenRule { throw Damage(reason: rule) }
            }
            // A run reaches at most to where the next one begins.
            last = SubscriptionRun.id(of: watcher, watched.last?.user ?? start)
            count += Int64(watched.count)
            body(watcher, watched)
        }
    }
}

extension UserRecord {
    /// What a query asks of the users' table for ``init(_:_:)``.
    static let columns =
        "id, name, description, description_expires, cause, since, updated, seq"

    /// Reads the user of a number, and believes none of it.
    init(_ id: UserID, _ rows: some StoredRows) throws {
        var cause: Cause?
        if let word = try rows.optionalText(4, "user.cause") {
            cause = Cause(rawValue: word)
            guard cause != nil else { throw Damage(reason: "user \(id) has no legal cause") }
        }
        self.init(
            id: id,
            name: Name(checked: try rows.text(1, "user.name")),
            description: try rows.text(2, "user.description"),
            descriptionExpires: try rows.optionalInteger(3, "user.description_expires"),
            cause: cause,
            since: try rows.optionalInteger(5, "user.since"),
            updated: try rows.optionalInteger(6, "user.updated"),
            seq: try rows.integer(7, "user.seq")
        )
        if let rule = brokenRuleAsFound { throw Damage(reason: rule) }
    }
}
