import GRDB

/// The tables as a connection to SQLite sees them.
struct SQLiteTables: StoredTables {
    // An end of the log and of its index, for a log of a year is not read through, and what is erased.
    static let logSamples = [
        "SELECT time FROM changes ORDER BY id DESC LIMIT 1",
        "SELECT time FROM changes INDEXED BY changes_of_user ORDER BY user, time LIMIT 1",
        "SELECT through FROM erasure",
    ]

    let database: Database

    func rows(_ sql: String) throws -> CheckedRows { try CheckedRows(database, sql) }

    func rows(keeping sql: String, _ arguments: [SQLValue]) throws -> CheckedRows {
        try CheckedRows(keeping: sql, database, arguments)
    }

    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int64 {
        let statement = try WriteStatement(database, sql)
        try statement.bind(arguments)
        return Int64(try statement.run())
    }

    /// Reads which turn is the last one whose changes are there.
    func sequence() throws -> Int64 {
        let rows = try self.rows("SELECT applied FROM journal ORDER BY id LIMIT 1")
        guard try rows.next() else { throw Damage(reason: "journal is empty") }
        let sequence = try rows.integer(0, "journal.applied")
        guard JournalRecord.sequences.contains(sequence) else {
            throw Damage(reason: "journal.applied is \(sequence)")
        }
        // The transaction may end with the query open, which would keep it from being closed.
        _ = try rows.next()
        return sequence
    }
}
