import GRDB
import GRDBSQLite
import PostgreSQL

/// What can go wrong with the store, in words for the operator: what is wrong, with which file or database,
/// and what is right.
///
/// `path` is always the path as it was given, or the URI of a database without its password.
public enum StoreError: Error, Hashable, Sendable {
    /// The file holds something else than an SQLite database.
    case notADatabase(path: String)
    /// The file is an SQLite database, of some other program.
    case otherApplication(path: String, id: UInt32)
    /// The schema of the database has tables of some other program.
    case otherTables(path: String)
    /// The database holds texts otherwise than as UTF-8.
    case otherEncoding(path: String, found: String)
    /// The tables are those of a service whose topics begin otherwise.
    case otherPrefix(path: String, found: String)
    /// Another bridge has written to the database while this one had lost it.
    case displaced(path: String)
    /// The database has lost what this bridge had written to it.
    case behind(path: String)
    /// The file is a store, and not all of it can be read or makes sense.
    case damaged(path: String, reason: String)
    /// The file was written by a later release.
    case newerVersion(path: String, found: Int, known: Int)
    /// Another bridge has the file open.
    case inUse(path: String)
    /// The file cannot be opened or made.
    case cannotOpen(path: String, reason: String)
    /// The file cannot be read, though it was opened.
    case readFailed(path: String, reason: String)
    /// There is no room for what is to be written. Nothing of it was.
    case full(path: String)
    /// What was to be written was not, for another reason. Nothing of it was.
    case writeFailed(path: String, reason: String)
}

extension StoreError: CustomStringConvertible {
    /// One sentence, or a few, that name the file.
    public var description: String {
        switch self {
        case .notADatabase(let path):
            """
            \(path) is not an SQLite database. It was left as it is; name the store's own file, or \
            a path where there is no file yet.
            """
        case .otherApplication(let path, let id):
            """
            \(path) is a database of another program (application_id \(id), a store has \
            \(Schema.applicationID)). It was left as it is; name the store's own file, or a path \
            where there is no file yet.
            """
        case .otherTables(let path):
            """
            \(path) has a schema with tables of another program. They were left as they are; name another \
            schema with store_schema.
            """
        case .otherPrefix(let path, let found):
            """
            \(path) has the tables of a service with the topic_prefix \(found). Bridges that share a store have the same \
            one; name another schema with store_schema for another service.
            """
        case .otherEncoding(let path, let found):
            """
            \(path) is a database with the encoding \(found), which cannot hold every text. Make one with \
            UTF8: createdb -T template0 -E UTF8.
            """
        case .displaced(let path):
            """
            \(path) was another bridge's while this one had lost it. Nothing is written over that; started again, \
            this one reads what is there.
            """
        case .behind(let path):
            """
            \(path) has lost the last transactions, as with a standby that was behind, or with a backup. Start this \
            bridge again: it reads the database, and from the broker what devices have stated.
            """
        case .damaged(let path, let reason):
            """
            \(path) is damaged: \(reason). Restore it from a backup, or move it away to begin with \
            an empty store.
            """
        case .newerVersion(let path, let found, let known):
            """
            \(path) has version \(found) and was written by a later release; this one reads up to \
            version \(known). It was left as it is; use that release, or another store.
            """
        case .inUse(let path):
            "\(path) is in use by another bridge."
        case .cannotOpen(let path, let reason): "\(path) cannot be opened: \(reason)."
        case .readFailed(let path, let reason): "\(path) cannot be read: \(reason)."
        case .full(let path): "\(path) cannot grow: there is no room left on its disk."
        case .writeFailed(let path, let reason): "\(path) cannot be written: \(reason)."
        }
    }
}

extension StoreError {
    /// What was being done when SQLite failed.
    enum Doing {
        case opening
        case reading
        case writing
    }

    /// Says in the store's words what SQLite or PostgreSQL said.
    init(_ error: any Error, doing: Doing, path: String) {
        if let damage = error as? Damage {
            self = .damaged(path: path, reason: damage.reason)
            return
        }
        if let error = error as? PostgreSQLError {
            self = Self.said(error, doing, path)
            return
        }
        guard let error = error as? DatabaseError else {
            self = (error as? StoreError) ?? Self.failed(doing, path, "\(error)")
            return
        }
        switch error.resultCode {
        case .SQLITE_NOTADB: self = .notADatabase(path: path)
        case .SQLITE_CORRUPT: self = .damaged(path: path, reason: error.words)
        case .SQLITE_FULL: self = .full(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self = Self.failed(doing, path, "another program has locked it")
        case .SQLITE_ERROR where doing == .reading:
            // A statement that does not compile: a table or a column is not there.
            self = .damaged(path: path, reason: error.words)
        default:
            // The index of the write-ahead log could not grow: the only I/O error that tells.
            let isFull = error.extendedResultCode == .SQLITE_IOERR_SHMSIZE
            self = isFull ? .full(path: path) : Self.failed(doing, path, error.words)
        }
    }

    private static func said(_ error: PostgreSQLError, _ doing: Doing, _ path: String) -> Self {
        switch error {
        case .refused("53100", _): .full(path: path)
        // A table or a column is not there.
        case .refused("42P01", let words), .refused("42703", let words):
            .damaged(path: path, reason: words)
        default: failed(doing, path, "\(error)")
        }
    }

    private static func failed(_ doing: Doing, _ path: String, _ reason: String) -> Self {
        switch doing {
        case .opening: .cannotOpen(path: path, reason: reason)
        case .reading: .readFailed(path: path, reason: reason)
        case .writing: .writeFailed(path: path, reason: reason)
        }
    }
}

extension DatabaseError {
    /// Why a step of a statement, or a value bound to it, has failed.
    init(_ code: Int32, of statement: GRDB.Statement, on connection: SQLiteConnection?) {
        unsafe self.init(
            resultCode: ResultCode(rawValue: code),
            message: sqlite3_errmsg(connection).map { unsafe String(cString: $0) },
            sql: statement.sql
        )
    }

    /// SQLite's own message and number.
    fileprivate var words: String {
        "\(message ?? "SQLite failed") (SQLite error \(extendedResultCode.rawValue))"
    }
}
