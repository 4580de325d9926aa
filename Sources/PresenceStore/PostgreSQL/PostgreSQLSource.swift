import PostgreSQL
import Synchronization

/// Reads the tables of a store on PostgreSQL by a session of its own, opened when it is needed.
final class PostgreSQLSource: TablesSource {
    /// How long the server may take for an answer, in milliseconds.
    private static let patience: Int64 = 10_000

    private let address: DatabaseAddress
    /// How long the server works on a statement, in milliseconds; 0 for as long as it takes.
    private let limit: Int64
    private let state = Mutex<(session: Session?, isClosed: Bool)>((nil, false))

    init(_ address: DatabaseAddress, statementsWithin limit: Int64 = 0) {
        self.address = address
        self.limit = limit
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

    func close() { state.withLock { $0 = (nil, true) } }

    private func tables(_ session: Session) -> PostgreSQLTables {
        PostgreSQLTables(session: session, patience: Self.patience)
    }

    private func open() throws -> Session {
        let deadline = Deadline(in: Self.patience)
        let session = try address.connect(by: deadline)
        try session.run(
            // Nobody waits for the locks of a transaction that nobody goes on with.
            SQLStatement(
                """
                SELECT set_config('idle_in_transaction_session_timeout', '1s', false), \
                set_config('default_transaction_isolation', 'read committed', false), \
                set_config('statement_timeout', $1, false)
                """,
                .text("\(limit)")
            ),
            by: deadline
        )
        return session
    }
}
