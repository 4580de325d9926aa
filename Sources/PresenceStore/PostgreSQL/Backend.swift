import PostgreSQL

/// One of the server's processes, which serves one session.
struct Backend: Hashable, Sendable {
    /// When a row `pg_stat_activity` was begun, in microseconds.
    static let begun = "(extract(epoch FROM backend_start) * 1000000::numeric)::bigint"

    let number: Int64
    /// When it was begun, in microseconds: its number may be another one's later.
    let begun: Int64

    /// Ends it, if it is still there and serves a session of this role's.
    func end(by connection: Session, _ deadline: Deadline) throws {
        try connection.run(
            SQLStatement(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 \
                AND \(Self.begun) = $2
                """,
                .integer(number),
                .integer(begun)
            ),
            by: deadline
        )
    }
}
