import GRDB
import Presence

/// Puts the subscriptions of a store of version 4 or earlier, which had a row each, into runs.
enum SubscriptionPacking {
    /// The table of the runs, and how it looks to people and other programs: with a row for each
    /// subscription, as it was before.
    private static let table = """
        CREATE TABLE subscription_run (
            id INTEGER PRIMARY KEY,
            entries BLOB NOT NULL
        ) STRICT;
        """
    private static let view = """
        DROP TABLE subscription;
        CREATE VIEW subscription (watcher_id, user_id, expires) AS
        WITH RECURSIVE
            place (number) AS (
                VALUES (0) UNION ALL
                SELECT number + 1 FROM place WHERE number < \(SubscriptionRun.longest - 1)
            ),
            entry (watcher_id, digits) AS (
                SELECT id >> 32, hex(substr(entries, number * \(length) + 1, \(length)))
                FROM subscription_run CROSS JOIN place ON number * \(length) < length(entries)
            )
        SELECT
            watcher_id,
            \(number(of: 0..<4)),
            \(number(of: 4..<length))
        FROM entry;
        """
    private static let length = SubscriptionRun.entryLength

    /// Makes the new table of the old one, within the transaction that is open.
    ///
    /// What the old one has is believed no more than at any start.
    static func pack(in database: Database) throws {
        try database.execute(sql: table)
        try fill(database)
        try database.execute(sql: view)
    }

    private static func fill(_ database: Database) throws {
        let put = try WriteStatement(database, "INSERT INTO subscription_run VALUES (?1, ?2)")
        func write(_ watched: [WatchedUser], of watcher: UserID) throws {
            guard !watched.isEmpty else { return }
            for run in SubscriptionRun.runs(of: watcher, from: .everyone, watched) {
                put.bind(1, run.id)
                try put.bind(2, run.bytes)
                try put.run()
            }
        }
        let rows = try CheckedRows(
            database,
            "SELECT watcher_id, user_id, expires FROM subscription ORDER BY watcher_id, user_id"
        )
        // A table is not dropped while a query reads it.
        defer { rows.end() }
        var watcher = UserID.everyone
        var watched: [WatchedUser] = []
        while try rows.next() {
            let record = SubscriptionRecord(
                watcher: try rows.userID(0, "subscription.watcher_id"),
                user: try rows.userID(1, "subscription.user_id"),
                expires: try rows.integer(2, "subscription.expires")
            )
            if let rule = record.brokenRule { throw Damage(reason: rule) }
            if record.watcher != watcher {
                try write(watched, of: watcher)
                guard record.watcher > watcher else { throw disorder(of: record.watcher) }
                watcher = record.watcher
                watched.removeAll(keepingCapacity: true)
            } else if let last = watched.last, last.user >= record.user {
                throw disorder(of: watcher)
            }
            watched.append(WatchedUser(user: record.user, expires: record.expires))
        }
        try write(watched, of: watcher)
    }

    private static func disorder(of watcher: UserID) -> Damage {
        Damage(reason: "the subscriptions of user \(watcher) are out of order")
    }

    /// The number that bytes of an entry are, out of its hexadecimal digits: SQLite has no function for
    /// that.
    private static func number(of bytes: Range<Int>) -> String {
        let digits = bytes.lowerBound * 2..<bytes.upperBound * 2
        let terms = digits.map { digit in
            let weight = 4 * (digits.upperBound - 1 - digit)
            // What is not found is at 0: so 0 is itself.
            return "(instr('123456789ABCDEF', substr(digits, \(digit + 1), 1)) << \(weight))"
        }
        return terms.joined(separator: " + ")
    }
}
