import Foundation
import GRDB
import GRDBSQLite
import Presence

/// SQLite through GRDB as any program would use it: the yardstick of the store.
///
/// Prepared statements, a write-ahead log, and commits that a kill does not undo.
final class PlainSQLite {
    private let queue: DatabaseQueue
    private var checksum: Int64 = 0

    /// Opens a database, which is made if there is none.
    init(path: String) throws {
        queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            try database.execute(
                sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384"
            )
        }
    }

    /// Makes a table like the store's for subscriptions.
    func makeTable() throws {
        try queue.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    CREATE TABLE subscription (
                        watcher_id INTEGER NOT NULL,
                        user_id INTEGER NOT NULL,
                        expires INTEGER NOT NULL,
                        PRIMARY KEY (watcher_id, user_id)
                    ) STRICT, WITHOUT ROWID
                    """
            )
        }
    }

    /// Writes subscriptions in transactions of as many rows each.
    func write(_ rows: [SubscriptionRecord], inGroupsOf size: Int) throws {
        for start in stride(from: 0, to: rows.count, by: size) {
            let group = rows[start..<min(rows.count, start + size)]
            try queue.write { database in
                let put = try database.cachedStatement(
                    sql: """
                        INSERT INTO subscription (watcher_id, user_id, expires) VALUES (?, ?, ?) \
                        ON CONFLICT DO UPDATE SET expires = excluded.expires
                        """
                )
                for row in group {
                    try put.execute(arguments: [row.watcher, row.user, row.expires])
                }
            }
        }
    }

    /// Fetches every column of every row of a store, as SQLite's own functions do it, and returns how
    /// many rows there were.
    func readEverything() throws -> Int {
        try queue.read { database in
            var count = 0
            for table in ["broker", "user", "device", "subscription"] {
                let statement = try database.makeStatement(sql: "SELECT * FROM \(table)")
                let handle = statement.sqliteStatement
                let columns = sqlite3_column_count(handle)
                while sqlite3_step(handle) == SQLITE_ROW {
                    for column in 0..<columns { fetch(handle, column) }
                    count += 1
                }
            }
            return count
        }
    }

    private func fetch(_ handle: SQLiteStatement, _ column: Int32) {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: blackHole(sqlite3_column_int64(handle, column))
        case SQLITE_TEXT:
            if let text = sqlite3_column_text(handle, column) { blackHole(Int64(text[0])) }
        default: break
        }
    }

    /// Keeps what is fetched from being left out as of no use.
    private func blackHole(_ value: Int64) { checksum &+= value }

    /// Closes it.
    func close() throws { try queue.close() }
}
