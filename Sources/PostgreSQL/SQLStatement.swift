/// A statement with its arguments; ``Session`` keeps what it was compiled to under its text.
public struct SQLStatement: Hashable, Sendable {
    /// The statement, with `$1`, `$2`, … where arguments go.
    public let sql: String
    /// The arguments, whose kinds are the same each time.
    public let arguments: [Argument]

    /// A statement.
    public init(_ sql: String, _ arguments: Argument...) {
        self.init(sql, arguments: arguments)
    }

    /// A statement.
    public init(_ sql: String, arguments: [Argument]) {
        self.sql = sql
        self.arguments = arguments
    }
}
