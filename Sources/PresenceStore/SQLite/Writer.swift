import GRDB
import Presence

/// Writes the changes of a commit by statements that the connection keeps compiled.
struct Writer {
    private let database: Database
    /// By how many rows the tables have grown.
    private(set) var growth: Int64 = 0

    init(to database: Database) {
        self.database = database
    }

    mutating func write(_ changes: CommitChanges) throws {
        if let broker = changes.broker { try write(broker) }
        try writeUsers(changes.users)
        try writeDevices(changes.devices)
        try writeSubscriptions(changes)
        try LogWriter(to: database).write(changes)
    }

    /// Writes which turn is the last one whose changes are there.
    func write(sequence: Int64) throws {
        let update = try WriteStatement(database, "UPDATE journal SET applied = ?1")
        update.bind(1, sequence)
        guard try update.run() == 1 else { throw DatabaseError(message: "its journal has no row") }
    }

    private func write(_ broker: BrokerRecord) throws {
        let put = try WriteStatement(
            database,
            "INSERT OR REPLACE INTO broker VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        )
        put.bind(1, broker.started)
        put.bind(2, broker.epoch)
        put.bind(3, broker.isSettled ? 1 : 0)
        put.bind(4, broker.clock)
        put.bind(5, broker.lastStart)
        put.bind(6, broker.kept.rawValue)
        put.bind(7, broker.mark)
        try put.bind(8, broker.markedTopic)
        try put.run()
    }

    private mutating func writeUsers(_ users: [CommitChanges.Row<UserID, UserRecord>]) throws {
        try write(
            users,
            update: """
                UPDATE user SET name = ?1, description = ?2, description_expires = ?3, \
                cause = ?4, since = ?5, updated = ?6, seq = ?7 WHERE id = ?8
                """,
            insert: """
                INSERT INTO user (name, description, description_expires, cause, since, updated, \
                seq, id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING
                """,
            remove: "DELETE FROM user WHERE id = ?1",
            bindKey: { $0.bind(1, Int64($1)) },
            bind: { statement, _, user in
                try statement.bind(1, user.name.text)
                try statement.bind(2, user.description)
                statement.bind(3, user.descriptionExpires)
                try statement.bind(4, user.cause?.rawValue)
                statement.bind(5, user.since)
                statement.bind(6, user.updated)
                statement.bind(7, user.seq)
                statement.bind(8, Int64(user.id))
            }
        )
    }

    private mutating func writeDevices(
        _ devices: [CommitChanges.Row<DeviceRecord.Key, DeviceRecord>]
    ) throws {
        try write(
            devices,
            update: """
                UPDATE device SET status = ?1, ttl = ?2, session = ?3, epoch = ?4, heard = ?5 \
                WHERE user_id = ?6 AND name = ?7
                """,
            insert: """
                INSERT INTO device (status, ttl, session, epoch, heard, user_id, name) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING
                """,
            remove: "DELETE FROM device WHERE user_id = ?1 AND name = ?2",
            bindKey: { statement, key in
                statement.bind(1, Int64(key.user))
                try statement.bind(2, key.name.text)
            },
            bind: { statement, _, device in
                try statement.bind(1, device.status.text)
                statement.bind(2, device.ttl)
                try statement.bind(3, device.session)
                statement.bind(4, device.epoch)
                statement.bind(5, device.heard)
                statement.bind(6, Int64(device.user))
                try statement.bind(7, device.name.text)
            }
        )
    }

    private mutating func writeSubscriptions(_ changes: CommitChanges) throws {
        guard !changes.subscriptions.isEmpty else { return }
        let put = try WriteStatement(
            database,
            "INSERT OR REPLACE INTO subscription_run (id, entries) VALUES (?1, ?2)"
        )
        let remove = try WriteStatement(database, "DELETE FROM subscription_run WHERE id = ?1")
        for (watcher, own) in changes.subscriptionsByWatcher {
            let changes = RunChanges(of: watcher, try runs(of: watcher, for: own), own)
            for id in changes.removed {
                remove.bind(1, id)
                try remove.run()
            }
            for run in changes.put {
                put.bind(1, run.id)
                try put.bind(2, run.bytes)
                try put.run()
            }
            growth += Int64(changes.growth)
        }
    }

    /// The runs of a watcher that changes are about, and the one behind them.
    private func runs(
        of watcher: UserID,
        for changes: ArraySlice<RunChanges.Row>
    ) throws -> [SubscriptionRun] {
        guard let first = changes.first?.key.user, let last = changes.last?.key.user else {
            return []
        }
        let rows = try SQLiteTables(database: database).rows(
            keeping: """
                SELECT id, entries FROM subscription_run WHERE id >= coalesce(\
                (SELECT max(id) FROM subscription_run WHERE id BETWEEN ?1 AND ?2), ?1) \
                AND id <= ?3 ORDER BY id
                """,
            .integer(SubscriptionRun.id(of: watcher, .everyone)),
            .integer(SubscriptionRun.id(of: watcher, first)),
            .integer(SubscriptionRun.id(of: watcher, .max))
        )
        defer { rows.end() }
        var runs: [SubscriptionRun] = []
        while runs.last.map({ $0.start <= last }) ?? true, try rows.next() {
            runs.append(try SubscriptionRun(rows))
        }
        return runs
    }

    /// Writes rows of one table.
    ///
    /// Each put is an update or an insert, and the other one if that found nothing to do: the second
    /// finds its page at hand, and the two tell how many rows there are, which one upsert does not.
    /// Neighbours in a commit are mostly alike, all new or all known, so what was right for one row is
    /// tried first for the next.
    private mutating func write<Key, Record>(
        _ rows: [CommitChanges.Row<Key, Record>],
        update: String,
        insert: String,
        remove: String,
        bindKey: (WriteStatement, Key) throws -> Void,
        bind: (WriteStatement, Key, Record) throws -> Void
    ) throws {
        guard !rows.isEmpty else { return }
        let update = try WriteStatement(database, update)
        let insert = try WriteStatement(database, insert)
        let remove = try WriteStatement(database, remove)
        var insertsFirst = true
        for (key, record) in rows {
            guard let record else {
                try bindKey(remove, key)
                growth -= Int64(try remove.run())
                continue
            }
            let first = insertsFirst ? insert : update
            try bind(first, key, record)
            if try first.run() == 0 {
                insertsFirst.toggle()
                let second = insertsFirst ? insert : update
                try bind(second, key, record)
                try second.run()
            }
            if insertsFirst { growth += 1 }
        }
    }
}
