import PostgreSQL

/// Where a store on PostgreSQL is, how it is reached, and how safe a commit is there.
public struct DatabaseAddress: Hashable, Sendable {
    /// The database.
    public let string: ConnectionString
    /// What is used in place of a password in the string; `nil` for that, or one of libpq's own ways.
    public var password: String?
    /// The schema that has the tables, in lower case: two stores in one database have one each.
    public var schema: String

    /// Whether a commit waits for the database's disk even where the database is set not to.
    public var isSynchronous: Bool

    /// A store in a schema of a database.
    public init(
        _ string: ConnectionString,
        password: String? = nil,
        schema: String = "presence",
        isSynchronous: Bool = false
    ) {
        self.string = string
        self.password = password
        self.schema = schema
        self.isSynchronous = isSynchronous
    }

    /// How it is told: without a password.
    public var shown: String {
        schema == "presence" ? string.shown : "\(string.shown), schema \(schema)"
    }

    /// The schema as SQL spells it.
    var quotedSchema: String { "\"" + schema.replacing("\"", with: "\"\"") + "\"" }

    /// Opens a session in which names without a schema are those of the store, or PostgreSQL's own.
    ///
    /// - Throws: `PostgreSQLError` where nobody gets in, `StoreError.otherEncoding` where texts are not UTF-8 there.
    func connect(by deadline: Deadline) throws -> Session {
        let session = try Session.open(string, password: password, by: deadline)
        if let encoding = session.parameter("server_encoding"), encoding != "UTF8" {
            throw StoreError.otherEncoding(path: shown, found: encoding)
        }
        // By its full name: until then somebody else may have given something the same one.
        try session.run(
            SQLStatement(
                "SELECT pg_catalog.set_config('search_path', $1, false)",
                .text(quotedSchema)
            ),
            by: deadline
        )
        return session
    }
}
