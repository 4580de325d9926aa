import Foundation
import GRDB
import Presence

/// Writes a batch by statements that the connection keeps compiled.
///
/// Each put is an update and, if there was no such row, an insert, or the other way round where new
/// rows are the rule. That costs little, since the second finds its page at hand, and tells how many
/// rows there are, which one upsert does not.
struct Writer {
    private let database: Database
    /// By how many rows the tables have grown.
    private(set) var growth: Int64 = 0

    /// Writes to a database in which a transaction is open.
    init(to database: Database) {
        self.database = database
    }

    /// Writes all of the batch.
    mutating func write(_ batch: Batch) throws {
        if let broker = batch.broker { try write(broker) }
        try write(batch.users)
        try write(batch.devices)
        try write(batch.subscriptions)
    }

    private func write(_ broker: BrokerRecord) throws {
        let put = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO broker VALUES (1, ?, ?, ?, ?, ?)"
        )
        try put.execute(arguments: [
            broker.started, broker.epoch, broker.isSettled, broker.clock, broker.lastStart,
        ])
    }

    private mutating func write(_ users: [Batch.Row<UserID, UserRecord>]) throws {
        guard !users.isEmpty else { return }
        let update = try database.cachedStatement(
            sql: """
                UPDATE user SET name = ?1, description = CAST(?2 AS TEXT), \
                description_expires = ?3, cause = ?4, since = ?5, updated = ?6, seq = ?7 \
                WHERE id = ?8
                """
        )
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO user (name, description, description_expires, cause, since, updated, \
                seq, id) VALUES (?1, CAST(?2 AS TEXT), ?3, ?4, ?5, ?6, ?7, ?8)
                """
        )
        let remove = try database.cachedStatement(sql: "DELETE FROM user WHERE id = ?")
        for user in users {
            guard let record = user.record else {
                try self.remove(by: remove, [user.key])
                continue
            }
            let arguments: StatementArguments = [
                record.name.text, Self.text(record.description), record.descriptionExpires,
                record.cause?.rawValue, record.since, record.updated, record.seq, record.id,
            ]
            try put(by: update, else: insert, arguments)
        }
    }

    private mutating func write(_ devices: [Batch.Row<Batch.DeviceKey, DeviceRecord>]) throws {
        guard !devices.isEmpty else { return }
        let update = try database.cachedStatement(
            sql: """
                UPDATE device SET status = ?1, ttl = ?2, session = CAST(?3 AS TEXT), epoch = ?4, \
                heard = ?5 WHERE user_id = ?6 AND name = ?7
                """
        )
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO device (status, ttl, session, epoch, heard, user_id, name) \
                VALUES (?1, ?2, CAST(?3 AS TEXT), ?4, ?5, ?6, ?7)
                """
        )
        let remove = try database.cachedStatement(
            sql: "DELETE FROM device WHERE user_id = ? AND name = ?"
        )
        for device in devices {
            guard let record = device.record else {
                try self.remove(by: remove, [device.key.user, device.key.name.text])
                continue
            }
            let arguments: StatementArguments = [
                record.status.text, record.ttl, record.session.map(Self.text), record.epoch,
                record.heard, record.user, record.name.text,
            ]
            try put(by: update, else: insert, arguments)
        }
    }

    private mutating func write(
        _ subscriptions: [Batch.Row<Batch.SubscriptionKey, Int64>]
    ) throws {
        guard !subscriptions.isEmpty else { return }
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO subscription (expires, watcher_id, user_id) VALUES (?1, ?2, ?3) \
                ON CONFLICT DO NOTHING
                """
        )
        let update = try database.cachedStatement(
            sql: "UPDATE subscription SET expires = ?1 WHERE watcher_id = ?2 AND user_id = ?3"
        )
        let remove = try database.cachedStatement(
            sql: "DELETE FROM subscription WHERE watcher_id = ? AND user_id = ?"
        )
        for (key, expires) in subscriptions {
            guard let expires else {
                try self.remove(by: remove, [key.watcher, key.user])
                continue
            }
            try insert.execute(arguments: [expires, key.watcher, key.user])
            if database.changesCount == 0 {
                try update.execute(arguments: [expires, key.watcher, key.user])
            } else {
                growth += 1
            }
        }
    }

    private mutating func put(
        by update: GRDB.Statement,
        else insert: GRDB.Statement,
        _ arguments: StatementArguments
    ) throws {
        try update.execute(arguments: arguments)
        guard database.changesCount == 0 else { return }
        try insert.execute(arguments: arguments)
        growth += 1
    }

    private mutating func remove(by remove: GRDB.Statement, _ key: StatementArguments) throws {
        try remove.execute(arguments: key)
        growth -= Int64(database.changesCount)
    }

    /// A text that may hold U+0000: as a C string it would end there, as bytes it does not, and
    /// the statement makes a text of them again.
    private static func text(_ text: String) -> any DatabaseValueConvertible {
        text.utf8.contains(0) ? Data(text.utf8) : text
    }
}
