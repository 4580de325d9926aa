import Dispatch
import PostgreSQL
import Synchronization

/// Reads the tables of a store on PostgreSQL by a session of its own, opened when it is needed.
final class PostgreSQLSource: TablesSource {
    /// How long the server may take for an answer, in milliseconds.
    private static let patience: Int64 = 10_000
    /// How long the server works on a statement of whoever changes something, for whom commits wait.
    private static let changing = "800ms"

    private let address: DatabaseAddress
    /// Who must own the store where something is changed.
    private let member: Member?
    private let state = Mutex<(session: Session?, isClosed: Bool)>((nil, false))

    init(_ address: DatabaseAddress, of member: Member? = nil) {
        self.address = address
        self.member = member
    }

    func read<Value>(_ body: (any StoredTables) throws -> Value) throws(StoreError) -> Value {
        do {
            return try state.withLock { state in
                guard !state.isClosed else { throw PostgreSQLError.unreachable("it is closed") }
                if let session = state.session, !session.hasEnded() {
                    do {
                        return try body(tables(session))
                    } catch let error as PostgreSQLError where error.endsSession {
                        // The server may have been started again: once more.
                    }
                }
                let session = try open()
                state.session = session
                return try body(tables(session))
            }
        } catch {
            throw StoreError(error, doing: .reading, path: address.shown)
        }
    }

    /// Does something in a transaction that nobody else changes the change log beside.
    func change<Value>(_ body: (any StoredTables) throws -> Value) throws(StoreError) -> Value {
        try read { tables in
            try tables.run("BEGIN", [])
            do {
                let owned = try tables.integer(
                    "SELECT count(*) FROM shard WHERE incarnation = ?1",
                    .integer(member?.incarnation ?? 0)
                )
                guard owned == 1 else { throw StoreError.inUse(path: address.shown) }
                _ = try tables.integer("SELECT last FROM change_log FOR UPDATE")
                let value = try body(tables)
                try tables.run("COMMIT", [])
                return value
            } catch {
                _ = try? tables.run("ROLLBACK", [])
                throw error
            }
        }
    }

    /// Cuts the change log by this session, on a thread of its own.
    func cutting() -> LogCutting {
        let queue = DispatchQueue(label: "presence-store.cutting")
        return LogCutting { [self] step, then in queue.async { then(try? self.change(step)) } }
    }

    func close() { state.withLock { $0 = (nil, true) } }

    private func tables(_ session: Session) -> PostgreSQLTables {
        PostgreSQLTables(session: session, patience: Self.patience)
    }

    private func open() throws(PostgreSQLError) -> Session {
        let deadline = Deadline(in: Self.patience)
        let session = try Session.open(address.string, password: address.password, by: deadline)
        try session.run(
            [
                SQLStatement(
                    "SELECT pg_catalog.set_config('search_path', $1, false)",
                    .text(address.quotedSchema)
                ),
                // Nobody waits for the locks of a transaction that nobody goes on with.
                SQLStatement(
                    """
                    SELECT set_config('idle_in_transaction_session_timeout', '1s', false), \
                    set_config('default_transaction_isolation', 'read committed', false), \
                    set_config('statement_timeout', $1, false)
                    """,
                    .text(member == nil ? "0" : Self.changing)
                ),
            ],
            by: deadline
        )
        return session
    }
}
