import Presence

/// The rows of a query, one after the other, with values of the types that the tables name.
///
/// What is of another type is damage, and is not converted.
protocol StoredRows {
    /// Goes on to the next row, at first to the first one; returns whether there is one.
    func next() throws -> Bool
    /// Ends the query, wherever it has come to.
    func end()
    /// A whole number, or nothing.
    func optionalInteger(_ index: Int, _ column: StaticString) throws -> Int64?
    /// A text, U+0000 included, or nothing.
    func optionalText(_ index: Int, _ column: StaticString) throws -> String?
    /// Bytes, which are there until the next row.
    func withBytes<Result>(
        _ index: Int,
        _ column: StaticString,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result
}

extension StoredRows {
    func integer(_ index: Int, _ column: StaticString) throws -> Int64 {
        guard let integer = try optionalInteger(index, column) else {
            throw Damage(reason: "\(column) is empty")
        }
        return integer
    }

    /// The number of a user, or 0.
    func userID(_ index: Int, _ column: StaticString) throws -> UserID {
        let integer = try integer(index, column)
        guard let id = UserID(exactly: integer) else {
            throw Damage(reason: "\(column) is \(integer)")
        }
        return id
    }

    /// A text, U+0000 included.
    func text(_ index: Int, _ column: StaticString) throws -> String {
        guard let text = try optionalText(index, column) else {
            throw Damage(reason: "\(column) is empty")
        }
        return text
    }
}
