import Foundation
import GRDB
import Presence

/// The rows of a query, one after the other, with values of the types that the schema names.
///
/// What is of another type is damage, and is not converted. Values are taken by position straight
/// from the statement, which for millions of rows is much faster than asking the row for them.
struct CheckedRows {
    private let cursor: RowCursor
    private let statement: SQLiteStatement

    /// Begins a query.
    ///
    /// The first row comes with the first ``next()``.
    init(_ database: Database, _ sql: String) throws {
        let statement = try database.makeStatement(sql: sql)
        cursor = try Row.fetchCursor(statement)
        self.statement = statement.sqliteStatement
    }

    /// Goes to the next row, and says whether there is one.
    func next() throws -> Bool {
        try cursor.next() != nil
    }

    /// An integer or nothing.
    func optionalInteger(_ index: Int32, _ column: StaticString) throws -> Int64? {
        let value = DatabaseValue(sqliteStatement: statement, index: index)
        switch value.storage {
        case .int64(let integer): return integer
        case .null: return nil
        case .double, .string, .blob:
            throw Reader.Damage(reason: "\(column) holds \(value) in place of an integer")
        }
    }

    /// An integer.
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

    /// A text, U+0000 included, or nothing.
    func optionalText(_ index: Int32, _ column: StaticString) throws -> String? {
        let value = DatabaseValue(sqliteStatement: statement, index: index)
        switch value.storage {
        case .null: return nil
        case .string(let text):
            // The string was made as C's are: it ends at the first U+0000, and was repaired where
            // it was no UTF-8.
            let bytes = Data(sqliteStatement: statement, index: index)
            if bytes.withUnsafeBytes({ text.utf8.elementsEqual($0) }) { return text }
            guard let whole = String(validating: bytes, as: UTF8.self) else {
                throw Reader.Damage(reason: "\(column) holds no UTF-8")
            }
            return whole
        case .int64, .double, .blob:
            throw Reader.Damage(reason: "\(column) holds \(value) in place of a text")
        }
    }

    /// A text, U+0000 included.
    func text(_ index: Int32, _ column: StaticString) throws -> String {
        guard let text = try optionalText(index, column) else {
            throw Reader.Damage(reason: "\(column) is empty")
        }
        return text
    }
}
