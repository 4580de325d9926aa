import GRDB
import GRDBSQLite
import Presence

/// The rows of a query of SQLite.
///
/// Rows and values are taken straight from the statement, which for millions of rows is much faster than a
/// cursor over rows.
@safe struct CheckedRows: StoredRows {
    private let statement: GRDB.Statement
    private let handle: SQLiteStatement
    private let database: SQLiteConnection?

    /// Begins a query.
    ///
    /// The first row comes with the first ``next()``.
    init(_ database: Database, _ sql: String) throws {
        statement = try database.makeStatement(sql: sql)
        unsafe handle = statement.sqliteStatement
        unsafe self.database = database.sqliteConnection
    }

    /// Begins a query that the connection keeps compiled; ``end()`` is to end it.
    init(keeping sql: String, _ database: Database, _ arguments: [SQLValue]) throws {
        try WriteStatement(database, sql).bind(arguments)
        statement = try database.cachedStatement(sql: sql)
        unsafe handle = statement.sqliteStatement
        unsafe self.database = database.sqliteConnection
    }

    /// Ends the query, wherever it has come to.
    func end() { unsafe sqlite3_reset(handle) }

    func next() throws -> Bool {
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else {
            throw unsafe DatabaseError(code, of: statement, on: database)
        }
        return false
    }

    func optionalInteger(_ index: Int, _ column: StaticString) throws -> Int64? {
        switch unsafe sqlite3_column_type(handle, Int32(index)) {
        case SQLITE_INTEGER: return unsafe sqlite3_column_int64(handle, Int32(index))
        case SQLITE_NULL: return nil
        default: throw mistaken(index, column, for: "an integer")
        }
    }

    /// Bytes, which are there until the next row.
    func withBytes<Result>(
        _ index: Int,
        _ column: StaticString,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard unsafe sqlite3_column_type(handle, Int32(index)) == SQLITE_BLOB else {
            throw mistaken(index, column, for: "bytes")
        }
        // Of no bytes there is no start.
        let start = unsafe sqlite3_column_blob(handle, Int32(index))
        let count = unsafe start == nil ? 0 : Int(sqlite3_column_bytes(handle, Int32(index)))
        return try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A text, U+0000 included, or nothing.
    func optionalText(_ index: Int, _ column: StaticString) throws -> String? {
        switch unsafe sqlite3_column_type(handle, Int32(index)) {
        case SQLITE_NULL: return nil
        case SQLITE_TEXT:
            // The text first: it may be converted to UTF-8, which changes its length.
            let start = unsafe sqlite3_column_text(handle, Int32(index))
            let count = unsafe Int(sqlite3_column_bytes(handle, Int32(index)))
            guard count > 0 else { return "" }
            let bytes = unsafe UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
            // What is no UTF-8 would be repaired, which shows.
            let text = unsafe String(decoding: bytes, as: UTF8.self)
            guard unsafe start != nil, unsafe text.utf8.elementsEqual(bytes) else {
                throw Damage(reason: "\(column) holds no UTF-8")
            }
            return text
        default: throw mistaken(index, column, for: "a text")
        }
    }

    private func mistaken(
        _ index: Int,
        _ column: StaticString,
        for kind: String
    ) -> Damage {
        let value = unsafe DatabaseValue(sqliteStatement: handle, index: Int32(index))
        return Damage(reason: "\(column) holds \(value) in place of \(kind)")
    }
}
