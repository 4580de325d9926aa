import PostgreSQL
import Presence

/// What can be told of a store on PostgreSQL without changing anything: a bridge may use it meanwhile.
public struct DatabaseInspection {
    /// How long the database may take, in milliseconds.
    private static let patience: Int64 = 5_000

    /// The database, without a password.
    public let shown: String
    /// Why nobody gets in, or why it can hold no store; `nil` where it can.
    public private(set) var fault: StoreError?
    /// The server's release, as 15.4; `nil` where nobody gets in.
    public private(set) var server: String?
    /// Whether the tables are there.
    public private(set) var exists = false
    /// Whether this role may make the schema and its tables.
    public private(set) var canMake = false
    /// The version of the tables.
    public private(set) var version: Int?
    /// Whether a bridge has the store open.
    public private(set) var isHeld = false
    /// What the database says of how safe a commit is: `synchronous_commit`, and `fsync`.
    public private(set) var safety: (synchronousCommit: String, fsync: String)?
    /// What it knows of the broker.
    public private(set) var broker: BrokerRecord?

    /// The version of the tables that this release writes.
    public static var currentVersion: Int { DatabaseSchema.version }

    /// Looks at the store of an address.
    public static func look(at address: DatabaseAddress) -> DatabaseInspection {
        var inspection = DatabaseInspection(shown: address.shown)
        do {
            try inspection.look(address, by: Deadline(in: patience))
        } catch {
            inspection.fault = StoreError(error, doing: .opening, path: address.shown)
        }
        return inspection
    }

    private init(shown: String) { self.shown = shown }

    private mutating func look(_ address: DatabaseAddress, by deadline: Deadline) throws {
        let session = try address.connect(by: deadline)
        server = session.parameter("server_version")
        let found = try DatabaseTables(address: address, connection: session).find(by: deadline)
        exists = found.hasTables
        let rows = PostgreSQLRows(
            try session.run(
                SQLStatement(
                    """
                    SELECT current_setting('synchronous_commit'), current_setting('fsync'), \
                    (CASE WHEN $1 = 1 \
                    THEN has_schema_privilege($2, 'CREATE') AND has_schema_privilege($2, 'USAGE') \
                    ELSE has_database_privilege(current_database(), 'CREATE') END)::int::bigint
                    """,
                    .integer(found.hasSchema ? 1 : 0),
                    .text(address.schema)
                ),
                by: deadline
            )
        )
        guard try rows.next() else { return }
        safety = (try rows.text(0, "synchronous_commit"), try rows.text(1, "fsync"))
        canMake = try rows.integer(2, "the right") == 1
        guard exists else { return }
        try lookInside(session, by: deadline)
    }

    private mutating func lookInside(_ session: Session, by deadline: Deadline) throws {
        let table = try session.run(
            SQLStatement(
                """
                SELECT (SELECT version FROM store), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
                AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                AND classid::bigint = $1 AND objid = 'store'::regclass::oid AND objsubid = 1)
                """,
                .integer(StoreSession.lockClass >> 32)
            ),
            by: deadline
        )
        version = table.integer(0, 0).flatMap { Int(exactly: $0) }
        isHeld = table.integer(0, 1) != 0
        guard version == Self.currentVersion else { return }
        let tables = PostgreSQLTables(session: session, patience: Self.patience)
        broker = try Reader(from: tables).readBroker()
    }
}
