import Foundation
import GRDB
import GRDBSQLite
import Presence

/// SQLite through GRDB as any program would use it: the yardstick of the store.
///
/// Prepared statements, a write-ahead log, and commits that a kill does not undo.
final class PlainSQLite {
    /// The tables of a store, of whichever version: one has subscriptions in single rows, or in runs.
    private static let tables = ["broker", "user", "device", "subscription", "subscription_run"]

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

    /// Copies the rows of another store, as far as both have the same tables and columns.
    ///
    /// Of another version they may have others. Returns whether the tables were the same: one store may
    /// have single subscriptions, and the other one runs of them.
    func copyRows(of path: String) throws -> Bool {
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "ATTACH DATABASE ? AS sample", arguments: [path])
            let tables = try Self.tables(of: "sample", database)
            let own = try Self.tables(of: "main", database)
            try database.inTransaction {
                for table in tables where own.contains(table) {
                    let known = Set(try Self.columns(of: table, in: "main", database))
                    let columns = try Self.columns(of: table, in: "sample", database)
                        .filter(known.contains).joined(separator: ", ")
                    try database.execute(
                        sql: """
                            INSERT OR REPLACE INTO main.\(table) (\(columns)) \
                            SELECT \(columns) FROM sample.\(table)
                            """
                    )
                }
                return .commit
            }
            try database.execute(sql: "DETACH DATABASE sample")
            return tables == own
        }
    }

    private static func tables(of schema: String, _ database: Database) throws -> [String] {
        let sql = "SELECT name FROM \(schema).sqlite_schema WHERE type = 'table'"
        let names = Set(try String.fetchAll(database, sql: sql))
        return tables.filter(names.contains)
    }

    private static func columns(
        of table: String,
        in schema: String,
        _ database: Database
    ) throws -> [String] {
        try String.fetchAll(
            database,
            sql: "SELECT name FROM pragma_table_info(?, ?)",
            arguments: [table, schema]
        )
    }

    /// Fetches every column of every row of a store, as SQLite's own functions do it, and returns how
    /// many records there were.
    func readEverything() throws -> Int {
        try queue.read { database in
            var count = 0
            for table in try Self.tables(of: "main", database) {
                let statement = try database.makeStatement(sql: "SELECT * FROM \(table)")
                let handle = statement.sqliteStatement
                let columns = sqlite3_column_count(handle)
                while sqlite3_step(handle) == SQLITE_ROW {
                    for column in 0..<columns { fetch(handle, column) }
                    count += table == "subscription_run" ? entries(of: handle) : 1
                }
            }
            return count
        }
    }

    /// The subscriptions of a run, which takes nine bytes for each.
    private func entries(of handle: SQLiteStatement) -> Int {
        Int(sqlite3_column_bytes(handle, 1)) / 9
    }

    private func fetch(_ handle: SQLiteStatement, _ column: Int32) {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: blackHole(sqlite3_column_int64(handle, column))
        case SQLITE_TEXT:
            if let text = sqlite3_column_text(handle, column) { blackHole(Int64(text[0])) }
        case SQLITE_BLOB:
            let bytes = UnsafeRawBufferPointer(
                start: sqlite3_column_blob(handle, column),
                count: Int(sqlite3_column_bytes(handle, column))
            )
            for byte in bytes { blackHole(Int64(byte)) }
        default: break
        }
    }

    /// Keeps what is fetched from being left out as of no use.
    private func blackHole(_ value: Int64) { checksum &+= value }

    /// Closes it.
    func close() throws { try queue.close() }
}
