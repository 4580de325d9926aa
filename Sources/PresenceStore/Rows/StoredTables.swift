/// The tables of a store, behind the SQL that SQLite and PostgreSQL share.
///
/// Where a statement has arguments, they go in the place of `?1`, `?2`, …. What is a word of SQL's, as `user`, stands
/// in double quotes where it names a table or a column.
protocol StoredTables {
    associatedtype Rows: StoredRows

    /// Queries whose first column is a number, which read what is there of the change log beside ``Reader``.
    static var logSamples: [String] { get }

    /// Begins a query without arguments, of which all rows are read.
    func rows(_ sql: String) throws -> Rows
    /// Begins a query that is made again and again; ``StoredRows/end()`` is to end it.
    func rows(keeping sql: String, _ arguments: [SQLValue]) throws -> Rows
    /// Does a statement, and returns how many rows it has written.
    @discardableResult
    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int64
}

extension StoredTables {
    func rows(keeping sql: String, _ arguments: SQLValue...) throws -> Rows {
        try rows(keeping: sql, arguments)
    }

    @discardableResult
    func run(_ sql: String, _ arguments: SQLValue...) throws -> Int64 { try run(sql, arguments) }

    /// The number that a query begins with; 0 where it has no row.
    func integer(_ sql: String, _ arguments: SQLValue...) throws -> Int64 {
        let rows = try rows(keeping: sql, arguments)
        defer { rows.end() }
        return try rows.next() ? try rows.integer(0, "a number") : 0
    }
}
