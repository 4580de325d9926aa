import Foundation
import PostgreSQL

/// A session with a database by which one bridge, and no other, writes the tables of a store.
///
/// It has an advisory lock that goes with the session, so a pooler that shares sessions must not stand between.
struct StoreSession: Sendable {
    /// One of the server's processes, which serves one session.
    struct Process: Hashable, Sendable {
        let number: Int64
        /// When it was begun, in microseconds: its number may be another one's later.
        let begun: Int64
    }

    /// The upper half of the keys of the locks: `pres` in ASCII.
    static let lockClass: Int64 = 0x7072_6573 << 32
    /// The time between two tries to get the lock, in microseconds.
    private static let pause: UInt32 = 20_000

    let session: Session
    let process: Process
    /// The number of the last transaction that a bridge has made; 0 until the store is owned.
    private(set) var turn: Int64 = 0
    /// Under which term the store is owned; 0 until it is.
    private(set) var term: Int64 = 0
    /// What tells the store from others.
    private(set) var mark: Int64 = 0
    /// How many rows it has, where they were counted.
    private(set) var rows: Int64?
    private let address: DatabaseAddress

    /// Opens a session, and makes the tables where there are none.
    static func open(
        _ address: DatabaseAddress,
        by deadline: Deadline
    ) throws -> StoreSession {
        let session = try Session.open(address.string, password: address.password, by: deadline)
        let begun = try prepare(session, address, by: deadline)
        try makeTables(session, address, by: deadline)
        let process = Process(number: session.serverProcess, begun: begun)
        let opened = StoreSession(session: session, process: process, address: address)
        // What no release of this kind can read is found before anybody waits for it.
        _ = try opened.version(by: deadline)
        return opened
    }

    /// What a session is opened in the place of.
    struct Former {
        /// The session that was lost last; `nil` where it has never been a session of this process's.
        var process: Process?
        /// The number of the last transaction that this bridge knows of.
        var turn: Int64
    }

    /// Opens a session in the place of one that was lost, and takes the lock from that.
    ///
    /// - Throws: `StoreError.inUse` where another bridge has the lock, `StoreError.displaced` where one has had it.
    static func reopen(
        _ address: DatabaseAddress,
        of member: Member,
        replacing former: Former,
        by deadline: Deadline
    ) throws -> StoreSession {
        let opened = try open(address, by: deadline)
        while try !opened.takesLock(by: deadline) {
            try opened.free(from: former, of: member, by: deadline)
            usleep(pause)
        }
        let last = try opened.session.run(
            SQLStatement("SELECT incarnation FROM shard"),
            by: deadline
        )
        guard last.integer(0, 0) == member.incarnation else {
            throw StoreError.displaced(path: address.shown)
        }
        var owned = try opened.owned(by: member, serves: true, deadline: deadline)
        if owned.turn != former.turn { owned.rows = try owned.countRows(by: deadline) }
        return owned
    }

    /// Ends what has the lock, if that is a session of this bridge's own.
    private func free(from former: Former, of member: Member, by deadline: Deadline) throws {
        let owner = try Membership.owner(session, by: deadline)
        if let owner, owner.incarnation != member.incarnation {
            throw StoreError.inUse(path: address.shown)
        }
        for process in [owner?.process, former.process].compactMap(\.self) {
            try Self.end(process, session, by: deadline)
        }
    }

    private func countRows(by deadline: Deadline) throws -> Int64 {
        let sql = """
            SELECT (SELECT count(*) FROM "user") + (SELECT count(*) FROM device) \
            + (SELECT coalesce(sum(length(entries)), 0)::bigint / \(SubscriptionRun.entryLength) \
            FROM subscription_run)
            """
        return try session.run(SQLStatement(sql), by: deadline).integer(0, 0) ?? 0
    }

    /// Throws if the tables are those of a service with another prefix of its topics.
    func checkPrefix(of member: Member, by deadline: Deadline) throws {
        guard let prefix = member.topicPrefix else { return }
        let rows = PostgreSQLRows(
            try session.run(SQLStatement("SELECT topic_prefix FROM store"), by: deadline)
        )
        guard try rows.next(), let found = try rows.optionalText(0, "store.topic_prefix"),
            found != prefix
        else { return }
        throw StoreError.otherPrefix(path: address.shown, found: found)
    }

    /// Takes the lock, if nobody has it.
    func takesLock(by deadline: Deadline) throws -> Bool {
        let lock = SQLStatement(
            "SELECT pg_try_advisory_lock($1 | 'store'::regclass::oid::bigint)::int::bigint",
            .integer(Self.lockClass)
        )
        return try session.run(lock, by: deadline).integer(0, 0) == 1
    }

    /// The session as the owner's: the tables are of this release's version, and say who owns them.
    func owned(
        by member: Member,
        serves: Bool = false,
        deadline: Deadline
    ) throws -> StoreSession {
        try checkPrefix(of: member, by: deadline)
        var owned = self
        (owned.turn, owned.mark) = try readTurn(by: deadline)
        let tables = try session.run(
            [
                Membership.taking(member, process),
                Membership.signing(member, serves: serves),
                Membership.clearing(for: member),
                SQLStatement(
                    "UPDATE store SET topic_prefix = $1 WHERE topic_prefix IS NULL AND $1 IS NOT NULL",
                    .text(member.topicPrefix)
                ),
            ],
            by: deadline
        )
        owned.term = tables[0].integer(0, 0) ?? 0
        return owned
    }

    /// Sets what statements rely on, and by what the server finds that this machine has vanished; returns when the server's process was begun.
    private static func prepare(
        _ session: Session,
        _ address: DatabaseAddress,
        by deadline: Deadline
    ) throws -> Int64 {
        if let encoding = session.parameter("server_encoding"), encoding != "UTF8" {
            throw StoreError.otherEncoding(path: address.shown, found: encoding)
        }
        // Before anything else is called by a name that somebody else may have given to something.
        try session.run(
            SQLStatement(
                "SELECT pg_catalog.set_config('search_path', $1, false)",
                .text(address.quotedSchema)
            ),
            by: deadline
        )
        let table = try session.run(
            SQLStatement(
                """
                SELECT (extract(epoch FROM backend_start) * 1000000::numeric)::bigint, \
                set_config('synchronous_commit', CASE \
                WHEN $1 = 1 AND current_setting('synchronous_commit') IN ('off', 'local') THEN 'on' \
                ELSE current_setting('synchronous_commit') END, false), \
                set_config('default_transaction_isolation', 'read committed', false), \
                set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false), \
                set_config('tcp_keepalives_idle', '3', false), \
                set_config('tcp_keepalives_interval', '1', false), \
                set_config('tcp_keepalives_count', '3', false), \
                set_config('tcp_user_timeout', '5000', false) \
                FROM pg_stat_activity WHERE pid = pg_backend_pid()
                """,
                .integer(address.isSynchronous ? 1 : 0)
            ),
            by: deadline
        )
        return table.integer(0, 0) ?? 0
    }

    /// Makes the schema and its tables where there is nothing, all or none.
    private static func makeTables(
        _ session: Session,
        _ address: DatabaseAddress,
        by deadline: Deadline
    ) throws {
        guard try !find(session, address, by: deadline).hasTables else { return }
        try session.run(
            [
                SQLStatement("BEGIN"),
                // Of two bridges that find nothing one makes it.
                SQLStatement("SELECT pg_advisory_xact_lock($1)", .integer(lockClass)),
            ],
            by: deadline
        )
        let found: Found
        do {
            found = try find(session, address, by: deadline)
        } catch {
            _ = try? session.run(SQLStatement("ROLLBACK"), by: deadline)
            throw error
        }
        let making = found.hasTables ? [] : DatabaseSchema.steps(from: 0)
        let schema =
            found.hasSchema ? [] : [SQLStatement("CREATE SCHEMA \(address.quotedSchema)")]
        try session.run(schema + making + [SQLStatement("COMMIT")], by: deadline)
    }

    /// What there is of a schema and its tables.
    typealias Found = (hasSchema: Bool, hasTables: Bool)

    /// Looks what there is; throws if it is another program's.
    static func find(
        _ session: Session,
        _ address: DatabaseAddress,
        by deadline: Deadline
    ) throws -> Found {
        let table = try session.run(
            SQLStatement(
                """
                SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = $1), count(*), \
                count(*) FILTER (WHERE relname IN ('store', 'subscription_run', 'change_log')), \
                (SELECT has_schema_privilege(oid, 'USAGE')::int::bigint FROM pg_namespace \
                WHERE nspname = $1) \
                FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
                """,
                .text(address.schema)
            ),
            by: deadline
        )
        // Without that right its tables would seem not to be there.
        if table.integer(0, 3) == 0 {
            let words = "permission denied for schema \(address.schema)"
            throw PostgreSQLError.refused(code: "42501", words: words)
        }
        let hasTables = table.integer(0, 1) != 0
        guard !hasTables || table.integer(0, 2) == 3 else {
            throw StoreError.otherTables(path: address.shown)
        }
        return (table.integer(0, 0) != 0, hasTables)
    }

    /// Ends another session of this role's.
    static func end(
        _ former: Process,
        _ session: Session,
        by deadline: Deadline
    ) throws {
        try session.run(
            SQLStatement(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 \
                AND (extract(epoch FROM backend_start) * 1000000::numeric)::bigint = $2
                """,
                .integer(former.number),
                .integer(former.begun)
            ),
            by: deadline
        )
    }

    /// Reads the version of the tables.
    private func version(by deadline: Deadline) throws -> Int {
        let table = try session.run(SQLStatement("SELECT version FROM store"), by: deadline)
        guard let version = table.integer(0, 0).flatMap({ Int(exactly: $0) }), version >= 0 else {
            throw Damage(reason: "the table store holds no version")
        }
        let known = DatabaseSchema.version
        guard version <= known else {
            throw StoreError.newerVersion(path: address.shown, found: version, known: known)
        }
        return version
    }

    /// Reads which transaction was the last one, and brings the tables to this release's version.
    private func readTurn(by deadline: Deadline) throws -> (turn: Int64, mark: Int64) {
        let version = try version(by: deadline)
        if version < DatabaseSchema.version {
            try session.run(
                [SQLStatement("BEGIN")] + DatabaseSchema.steps(from: version)
                    + [SQLStatement("COMMIT")],
                by: deadline
            )
        }
        let table = try session.run(SQLStatement("SELECT turn, mark FROM store"), by: deadline)
        guard let turn = table.integer(0, 0), turn >= 0, turn < .max, let mark = table.integer(0, 1)
        else { throw Damage(reason: "the table store holds no turn") }
        return (turn, mark)
    }
}
