import Foundation
import PostgreSQL

/// A session with a database by which one bridge, and no other, writes the tables of a store.
///
/// It has an advisory lock that goes with the session, so a pooler that shares sessions must not stand between.
struct StoreSession: Sendable {
    /// The upper half of the keys of the locks: `pres` in ASCII.
    static let lockClass: Int64 = 0x7072_6573 << 32
    /// The time between two tries to get the lock, in microseconds.
    private static let pause: UInt32 = 20_000

    let connection: Session
    let backend: Backend
    /// The number of the last transaction that a bridge has made; 0 until the store is owned.
    private(set) var sequence: Int64 = 0
    /// Under which term the store is owned; 0 until it is.
    private(set) var term: Int64 = 0
    /// The number by which bridges tell whether they share a store; 0 until the store is owned.
    private(set) var storeID: Int64 = 0
    /// How many rows the store has, where they were counted.
    private(set) var rows: Int64?
    private let tables: DatabaseTables

    /// Opens a session, and makes the tables where there are none.
    static func open(
        _ address: DatabaseAddress,
        by deadline: Deadline
    ) throws -> StoreSession {
        let connection = try address.connect(by: deadline)
        let begun = try prepare(connection, address, by: deadline)
        let tables = DatabaseTables(address: address, connection: connection)
        try tables.make(by: deadline)
        // A version that this release cannot read ends the bridge now, not after it has stood by.
        _ = try tables.version(by: deadline)
        return StoreSession(
            connection: connection,
            backend: Backend(number: connection.serverProcess, begun: begun),
            tables: tables
        )
    }

    /// What a session is opened in the place of.
    struct Former {
        /// Who served the session that this process had last.
        var backend: Backend
        /// The number of the last transaction that this process knows of.
        var sequence: Int64
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
            let owner = try Membership.owner(opened.connection, by: deadline)
            if let owner, owner.incarnation != member.incarnation {
                throw StoreError.inUse(path: address.shown)
            }
            // It may be one that was opened, and of which nobody has heard.
            try owner?.backend.end(by: opened.connection, deadline)
            try former.backend.end(by: opened.connection, deadline)
            usleep(pause)
        }
        guard
            try Membership.lastOwner(opened.connection, by: deadline) == member.incarnation
        else { throw StoreError.displaced(path: address.shown) }
        var owned = try opened.owned(by: member, serves: true, deadline)
        if owned.sequence != former.sequence {
            owned.rows = try owned.tables.countRows(by: deadline)
        }
        return owned
    }

    /// Throws if the tables are those of a service with another prefix of its topics.
    func checkPrefix(of member: Member, by deadline: Deadline) throws {
        try tables.checkPrefix(of: member, by: deadline)
    }

    /// Takes the lock, if nobody has it.
    func takesLock(by deadline: Deadline) throws -> Bool {
        let lock = SQLStatement(
            "SELECT pg_try_advisory_lock($1 | 'store'::regclass::oid::bigint)::int::bigint",
            .integer(Self.lockClass)
        )
        return try connection.run(lock, by: deadline).integer(0, 0) == 1
    }

    /// The session as the owner's: the tables are of this release's version, and say who owns them.
    func owned(
        by member: Member,
        serves: Bool = false,
        _ deadline: Deadline
    ) throws -> StoreSession {
        try tables.checkPrefix(of: member, by: deadline)
        try tables.bringUp(by: deadline)
        var owned = self
        (owned.sequence, owned.storeID) = try tables.numbers(by: deadline)
        let taken = try connection.run(
            Membership.taking(member, backend, serves: serves),
            by: deadline
        )
        guard let term = taken[0].integer(0, 0) else {
            throw Damage(reason: "the table shard has no row")
        }
        owned.term = term
        return owned
    }

    /// Sets what statements rely on, and keepalives by which the server finds a machine that vanished.
    ///
    /// - Returns: when the server's process was begun, in microseconds.
    private static func prepare(
        _ connection: Session,
        _ address: DatabaseAddress,
        by deadline: Deadline
    ) throws -> Int64 {
        let table = try connection.run(
            SQLStatement(
                """
                SELECT \(Backend.begun), \
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
}
