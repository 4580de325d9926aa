import PostgreSQL

/// Where a store on PostgreSQL is, and how it is reached.
public struct DatabaseAddress: Hashable, Sendable {
    /// The database.
    public let string: ConnectionString
    /// What is used in place of a password in the string; `nil` for that, or one of libpq's own ways.
    public var password: String?
    /// The schema that has the tables, in lower case: two stores in one database have one each.
    public var schema: String

    /// A store in a schema of a database.
    public init(_ string: ConnectionString, password: String? = nil, schema: String = "presence") {
        self.string = string
        self.password = password
        self.schema = schema
    }

    /// How it is told: without a password.
    public var shown: String {
        schema == "presence" ? string.shown : "\(string.shown), schema \(schema)"
    }

    /// The schema as SQL spells it.
    var quotedSchema: String { "\"" + schema.replacing("\"", with: "\"\"") + "\"" }
}
