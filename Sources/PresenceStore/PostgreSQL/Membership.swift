import PostgreSQL

/// The rows of the bridges that share a store: when each gave its last sign of life, and which of them owns it.
enum Membership {
    /// The bridge that owns a store.
    struct Owner {
        let id: String
        let incarnation: Int64
        /// Who serves the owner's session.
        let backend: Backend
        /// How long ago the owner's last sign of life was, in milliseconds.
        let silence: Int64
        /// Whether that is longer than its lease, where it serves: one that begins gives no signs.
        let isOverdue: Bool
        /// Whether the owner has lost its session by a restart of the database within its lease, and is waited for.
        let comesBack: Bool
    }

    /// How long ago a bridge's last sign of life was, in milliseconds.
    static let silence = "(extract(epoch FROM clock_timestamp() - seen) * 1000)::bigint"

    /// What tells of a sign of life.
    ///
    /// - Parameter serves: whether the bridge owns the store, and serves.
    static func signing(_ member: Member, serves: Bool = false) -> SQLStatement {
        SQLStatement(
            """
            INSERT INTO bridge (id, incarnation, lease, begun, seen, serves) \
            VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp(), $4) \
            ON CONFLICT (id, incarnation) DO UPDATE SET seen = excluded.seen, serves = excluded.serves
            """,
            .text(member.id),
            .integer(member.incarnation),
            .integer(member.lease),
            .integer(serves ? 1 : 0)
        )
    }

    /// What takes a bridge off the list, and lets go of the store if it owned it; who was the last owner stays known.
    static func leaving(_ member: Member) -> SQLStatement {
        SQLStatement(
            """
            WITH gone AS (DELETE FROM bridge WHERE id = $1 AND incarnation = $2) \
            UPDATE shard SET owner = NULL WHERE owner = $1 AND incarnation = $2
            """,
            .text(member.id),
            .integer(member.incarnation)
        )
    }

    /// What makes a bridge the owner, under the next term, which the first statement returns.
    static func taking(_ member: Member, _ backend: Backend, serves: Bool) -> [SQLStatement] {
        [
            SQLStatement(
                """
                UPDATE shard SET owner = $1, incarnation = $2, term = term + 1, process = $3, \
                process_begun = $4, taken = clock_timestamp() WHERE id = 0 RETURNING term
                """,
                .text(member.id),
                .integer(member.incarnation),
                .integer(backend.number),
                .integer(backend.begun)
            ),
            signing(member, serves: serves),
            // Those that have not left the list in order: earlier processes of the bridge, and bridges that nobody has
            // heard of for a day.
            SQLStatement(
                """
                DELETE FROM bridge WHERE seen < clock_timestamp() - interval '1 day' OR (id = $1 \
                AND incarnation <> $2 AND seen < clock_timestamp() - lease * interval '1 millisecond')
                """,
                .text(member.id),
                .integer(member.incarnation)
            ),
            SQLStatement(
                "UPDATE store SET topic_prefix = $1 WHERE topic_prefix IS NULL AND $1 IS NOT NULL",
                .text(member.topicPrefix)
            ),
        ]
    }

    /// The incarnation of the bridge that owned the store last, whether or not it has let go of it.
    static func lastOwner(_ connection: Session, by deadline: Deadline) throws -> Int64? {
        try connection.run(SQLStatement("SELECT incarnation FROM shard"), by: deadline)
            .integer(0, 0)
    }

    /// Who owns the store; `nil` where nobody says so.
    static func owner(_ connection: Session, by deadline: Deadline) throws -> Owner? {
        let rows = PostgreSQLRows(
            try connection.run(
                SQLStatement(
                    """
                    SELECT s.owner, s.process, s.process_begun, \(silence), lease, serves, \
                    (extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) * 1000)::bigint, \
                    b.incarnation \
                    FROM shard AS s JOIN bridge AS b ON b.id = s.owner AND b.incarnation = s.incarnation \
                    WHERE s.process IS NOT NULL AND s.process_begun IS NOT NULL
                    """
                ),
                by: deadline
            )
        )
        guard try rows.next() else { return nil }
        let silence = try rows.integer(3, "bridge.seen")
        let lease = try rows.integer(4, "bridge.lease")
        let serves = try rows.integer(5, "bridge.serves") == 1
        let age = try rows.integer(6, "the age of the server")
        return Owner(
            id: try rows.text(0, "shard.owner"),
            incarnation: try rows.integer(7, "bridge.incarnation"),
            backend: Backend(
                number: try rows.integer(1, "shard.process"),
                begun: try rows.integer(2, "shard.process_begun")
            ),
            silence: silence,
            isOverdue: serves && silence > lease,
            comesBack: age < lease && silence - age < lease
        )
    }
}
