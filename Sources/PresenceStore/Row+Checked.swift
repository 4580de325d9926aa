import Foundation
import GRDB
import Presence

/// Values as the schema has them; what is of another type is damage, and is not converted.
extension Row {
    /// An integer or nothing.
    func optionalInteger(_ index: Int, _ column: StaticString) throws -> Int64? {
        let value: DatabaseValue = self[index]
        switch value.storage {
        case .int64(let integer): return integer
        case .null: return nil
        case .double, .string, .blob:
            throw Reader.Damage(reason: "\(column) holds \(value) in place of an integer")
        }
    }

    /// An integer.
    func integer(_ index: Int, _ column: StaticString) throws -> Int64 {
        guard let integer = try optionalInteger(index, column) else {
            throw Reader.Damage(reason: "\(column) is empty")
        }
        return integer
    }

    /// The number of a user, or 0.
    func userID(_ index: Int, _ column: StaticString) throws -> UserID {
        let integer = try integer(index, column)
        guard let id = UserID(exactly: integer) else {
            throw Reader.Damage(reason: "\(column) is \(integer)")
        }
        return id
    }

    /// A text, U+0000 included, or nothing.
    func optionalText(_ index: Int, _ column: StaticString) throws -> String? {
        try withUnsafeData(atIndex: index) { data in
            guard let data else { return nil }
            guard let text = String(validating: data, as: UTF8.self) else {
                throw Reader.Damage(reason: "\(column) holds no UTF-8")
            }
            return text
        }
    }

    /// A text, U+0000 included.
    func text(_ index: Int, _ column: StaticString) throws -> String {
        guard let text = try optionalText(index, column) else {
            throw Reader.Damage(reason: "\(column) is empty")
        }
        return text
    }
}
