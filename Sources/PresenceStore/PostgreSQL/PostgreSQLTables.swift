import PostgreSQL

/// The tables as a session with PostgreSQL sees them.
struct PostgreSQLTables: StoredTables {
    // What they hold is checked when it is read: pages are PostgreSQL's own affair.
    static let logSamples: [String] = []

    let session: Session
    /// How long the server may take for an answer, or for the next row, in milliseconds.
    let patience: Int64

    func rows(_ sql: String) throws -> PostgreSQLRows {
        PostgreSQLRows(try session.copy(sql, within: patience))
    }

    func rows(keeping sql: String, _ arguments: [SQLValue]) throws -> PostgreSQLRows {
        PostgreSQLRows(try session.run(statement(sql, arguments), by: Deadline(in: patience)))
    }

    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int64 {
        try session.run(statement(sql, arguments), by: Deadline(in: patience)).written
    }

    private func statement(_ sql: String, _ arguments: [SQLValue]) -> SQLStatement {
        SQLStatement(
            sql.replacing("?", with: "$"),
            arguments: arguments.map { value in
                switch value {
                case .integer(let integer): .integer(integer)
                case .text(let text): .text(text)
                }
            }
        )
    }
}
