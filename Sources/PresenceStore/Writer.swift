import GRDB
import Presence

/// Writes the changes of a commit by statements that the connection keeps compiled.
///
/// Each put is an update or an insert, and the other one if that found nothing to do: the second
/// finds its page at hand, and the two tell how many rows there are, which one upsert does not.
/// Neighbours in a commit are mostly alike, all new or all known, so what was right for one row is
/// tried first for the next.
struct Writer {
    private let database: Database
    /// By how many rows the tables have grown.
    private(set) var growth: Int64 = 0

    /// Writes to a database in which a transaction is open.
    init(to database: Database) {
        self.database = database
    }

    /// Writes all of them.
    mutating func write(_ changes: CommitChanges) throws {
        if let broker = changes.broker { try write(broker) }
        if !changes.users.isEmpty { try write(changes.users) }
        if !changes.devices.isEmpty { try write(changes.devices) }
        if !changes.subscriptions.isEmpty { try write(changes.subscriptions) }
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

    private mutating func write(_ users: [CommitChanges.Row<UserID, UserRecord>]) throws {
        var put = Put(
            update: try WriteStatement(
                database,
                """
                UPDATE user SET name = ?1, description = ?2, description_expires = ?3, \
                cause = ?4, since = ?5, updated = ?6, seq = ?7 WHERE id = ?8
                """
            ),
            insert: try WriteStatement(
                database,
                """
                INSERT INTO user (name, description, description_expires, cause, since, updated, \
                seq, id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING
                """
            )
        )
        let remove = try WriteStatement(database, "DELETE FROM user WHERE id = ?1")
        for user in users {
            guard let record = user.record else {
                remove.bind(1, Int64(user.key))
                growth -= Int64(try remove.run())
                continue
            }
            growth += try put.run { statement in
                try statement.bind(1, record.name.text)
                try statement.bind(2, record.description)
                statement.bind(3, record.descriptionExpires)
                try statement.bind(4, record.cause?.rawValue)
                statement.bind(5, record.since)
                statement.bind(6, record.updated)
                statement.bind(7, record.seq)
                statement.bind(8, Int64(record.id))
            }
        }
    }

    private mutating func write(
        _ devices: [CommitChanges.Row<CommitChanges.DeviceKey, DeviceRecord>]
    ) throws {
        var put = Put(
            update: try WriteStatement(
                database,
                """
                UPDATE device SET status = ?1, ttl = ?2, session = ?3, epoch = ?4, heard = ?5 \
                WHERE user_id = ?6 AND name = ?7
                """
            ),
            insert: try WriteStatement(
                database,
                """
                INSERT INTO device (status, ttl, session, epoch, heard, user_id, name) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING
                """
            )
        )
        let remove = try WriteStatement(
            database,
            "DELETE FROM device WHERE user_id = ?1 AND name = ?2"
        )
        for device in devices {
            guard let record = device.record else {
                remove.bind(1, Int64(device.key.user))
                try remove.bind(2, device.key.name.text)
                growth -= Int64(try remove.run())
                continue
            }
            growth += try put.run { statement in
                try statement.bind(1, record.status.text)
                statement.bind(2, record.ttl)
                try statement.bind(3, record.session)
                statement.bind(4, record.epoch)
                statement.bind(5, record.heard)
                statement.bind(6, Int64(record.user))
                try statement.bind(7, record.name.text)
            }
        }
    }

    private mutating func write(
        _ subscriptions: [CommitChanges.Row<CommitChanges.SubscriptionKey, Int64>]
    ) throws {
        var put = Put(
            update: try WriteStatement(
                database,
                "UPDATE subscription SET expires = ?1 WHERE watcher_id = ?2 AND user_id = ?3"
            ),
            insert: try WriteStatement(
                database,
                """
                INSERT INTO subscription (expires, watcher_id, user_id) VALUES (?1, ?2, ?3) \
                ON CONFLICT DO NOTHING
                """
            )
        )
        let remove = try WriteStatement(
            database,
            "DELETE FROM subscription WHERE watcher_id = ?1 AND user_id = ?2"
        )
        for (key, expires) in subscriptions {
            guard let expires else {
                remove.bind(1, Int64(key.watcher))
                remove.bind(2, Int64(key.user))
                growth -= Int64(try remove.run())
                continue
            }
            growth += try put.run { statement in
                statement.bind(1, expires)
                statement.bind(2, Int64(key.watcher))
                statement.bind(3, Int64(key.user))
            }
        }
    }

    /// Puts rows of one table, whether they are there or not.
    private struct Put {
        let update: WriteStatement
        let insert: WriteStatement
        private var insertsFirst = true

        init(update: WriteStatement, insert: WriteStatement) {
            self.update = update
            self.insert = insert
        }

        /// Puts the row that is bound, and returns by how many rows the table has grown.
        mutating func run(_ bind: (WriteStatement) throws -> Void) throws -> Int64 {
            try bind(insertsFirst ? insert : update)
            if try (insertsFirst ? insert : update).run() == 0 {
                insertsFirst.toggle()
                try bind(insertsFirst ? insert : update)
                try (insertsFirst ? insert : update).run()
            }
            return insertsFirst ? 1 : 0
        }
    }
}
