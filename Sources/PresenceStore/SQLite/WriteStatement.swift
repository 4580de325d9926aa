import GRDB
import GRDBSQLite

/// A statement that writes, kept compiled by its connection, with values bound straight to it.
///
/// GRDB compiles and caches it. Values and steps go to SQLite without a detour, since of millions of
/// rows half of the time would go into the arrays that GRDB wraps arguments in.
@safe struct WriteStatement {
    /// Tells SQLite to copy a text before the call returns: `SQLITE_TRANSIENT`.
    private static let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private let statement: GRDB.Statement
    private let handle: SQLiteStatement
    private let database: SQLiteConnection?

    /// Takes a statement from the cache, or compiles it.
    init(_ database: Database, _ sql: String) throws {
        statement = try database.cachedStatement(sql: sql)
        unsafe handle = statement.sqliteStatement
        unsafe self.database = database.sqliteConnection
    }

    /// Sets all parameters.
    func bind(_ arguments: [SQLValue]) throws {
        for (place, argument) in zip(Int32(1)..., arguments) {
            switch argument {
            case .integer(let integer): bind(place, integer)
            case .text(let text): try bind(place, text)
            }
        }
    }

    func bind(_ place: Int32, _ integer: Int64) {
        unsafe sqlite3_bind_int64(handle, place, integer)
    }

    func bind(_ place: Int32, _ integer: Int64?) {
        if let integer {
            bind(place, integer)
        } else {
            unsafe sqlite3_bind_null(handle, place)
        }
    }

    /// Sets a parameter, from 1, to a text, which may hold U+0000, or to NULL.
    func bind(_ place: Int32, _ text: String?) throws {
        guard var text else {
            unsafe sqlite3_bind_null(handle, place)
            return
        }
        let code = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
                guard let start = bytes.baseAddress else {
                    return unsafe sqlite3_bind_text(handle, place, "", 0, Self.copied)
                }
                return unsafe sqlite3_bind_text(
                    handle,
                    place,
                    start,
                    Int32(bytes.count),
                    Self.copied
                )
            }
        }
        if code != SQLITE_OK { throw unsafe DatabaseError(code, of: statement, on: database) }
    }

    /// Sets a parameter, from 1, to a text given as its UTF-8.
    func bind(_ place: Int32, utf8 bytes: [UInt8]) throws {
        let code = unsafe bytes.withUnsafeBytes { bytes in
            unsafe sqlite3_bind_text(
                handle,
                place,
                bytes.bindMemory(to: CChar.self).baseAddress,
                Int32(bytes.count),
                Self.copied
            )
        }
        if code != SQLITE_OK { throw unsafe DatabaseError(code, of: statement, on: database) }
    }

    /// Sets a parameter, from 1, to bytes.
    func bind(_ place: Int32, _ bytes: [UInt8]) throws {
        let code = unsafe bytes.withUnsafeBytes { bytes in
            unsafe sqlite3_bind_blob(
                handle,
                place,
                bytes.baseAddress,
                Int32(bytes.count),
                Self.copied
            )
        }
        if code != SQLITE_OK { throw unsafe DatabaseError(code, of: statement, on: database) }
    }

    /// Runs it with what is bound, and returns how many rows it changed.
    @discardableResult
    func run() throws -> Int {
        defer { unsafe sqlite3_reset(handle) }
        let code = unsafe sqlite3_step(handle)
        guard code == SQLITE_DONE else {
            throw unsafe DatabaseError(code, of: statement, on: database)
        }
        return unsafe Int(sqlite3_changes(database))
    }
}
