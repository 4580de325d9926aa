import GRDB
import GRDBSQLite
import Presence

/// The rows of a query, one after the other, with values of the types that the schema names.
///
/// What is of another type is damage, and is not converted. Rows and values are taken straight from
/// the statement, which for millions of rows is much faster than a cursor over rows.
@safe struct CheckedRows {
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
    init(keeping sql: String, _ database: Database, _ arguments: Int64...) throws {
        statement = try database.cachedStatement(sql: sql)
        unsafe handle = statement.sqliteStatement
        unsafe self.database = database.sqliteConnection
        for (index, argument) in arguments.enumerated() {
            unsafe sqlite3_bind_int64(handle, Int32(index + 1), argument)
        }
    }

    /// Begins such a query whose first argument is a text.
    init(keeping sql: String, _ database: Database, text: String, _ arguments: Int64...) throws {
        let beginning = try WriteStatement(database, sql)
        try beginning.bind(1, text)
        for (index, argument) in arguments.enumerated() {
            beginning.bind(Int32(index + 2), argument)
        }
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

    func optionalInteger(_ index: Int32, _ column: StaticString) throws -> Int64? {
        switch unsafe sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return unsafe sqlite3_column_int64(handle, index)
        case SQLITE_NULL: return nil
        default: throw mistaken(index, column, for: "an integer")
        }
    }

    func integer(_ index: Int32, _ column: StaticString) throws -> Int64 {
        guard let integer = try optionalInteger(index, column) else {
            throw Reader.Damage(reason: "\(column) is empty")
        }
        return integer
    }

    /// The number of a user, or 0.
    func userID(_ index: Int32, _ column: StaticString) throws -> UserID {
        let integer = try integer(index, column)
        guard let id = UserID(exactly: integer) else {
            throw Reader.Damage(reason: "\(column) is \(integer)")
        }
        return id
    }

    /// Bytes, which are there until the next row.
    func withBytes<Result>(
        _ index: Int32,
        _ column: StaticString,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard unsafe sqlite3_column_type(handle, index) == SQLITE_BLOB else {
            throw mistaken(index, column, for: "bytes")
        }
        // Of no bytes there is no start.
        let start = unsafe sqlite3_column_blob(handle, index)
        let count = unsafe start == nil ? 0 : Int(sqlite3_column_bytes(handle, index))
        return try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A text, U+0000 included, or nothing.
    func optionalText(_ index: Int32, _ column: StaticString) throws -> String? {
        switch unsafe sqlite3_column_type(handle, index) {
        case SQLITE_NULL: return nil
        case SQLITE_TEXT:
            // The text first: it may be converted to UTF-8, which changes its length.
            let start = unsafe sqlite3_column_text(handle, index)
            let count = unsafe Int(sqlite3_column_bytes(handle, index))
            guard count > 0 else { return "" }
            let bytes = unsafe UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
            // What is no UTF-8 would be repaired, which shows.
            let text = unsafe String(decoding: bytes, as: UTF8.self)
            guard unsafe start != nil, unsafe text.utf8.elementsEqual(bytes) else {
                throw Reader.Damage(reason: "\(column) holds no UTF-8")
            }
            return text
        default: throw mistaken(index, column, for: "a text")
        }
    }

    /// A text, U+0000 included.
    func text(_ index: Int32, _ column: StaticString) throws -> String {
        guard let text = try optionalText(index, column) else {
            throw Reader.Damage(reason: "\(column) is empty")
        }
        return text
    }

    private func mistaken(
        _ index: Int32,
        _ column: StaticString,
        for kind: String
    ) -> Reader.Damage {
        let value = unsafe DatabaseValue(sqliteStatement: handle, index: index)
        return Reader.Damage(reason: "\(column) holds \(value) in place of \(kind)")
    }
}
