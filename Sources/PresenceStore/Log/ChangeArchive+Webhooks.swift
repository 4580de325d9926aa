import GRDB
import Presence

/// What a webhook's receiver that was away for long is told.
extension ChangeArchive {
    /// Each user's newest change among those with higher ids than one, through another, the lowest first.
    public func newest(
        of kinds: Set<LoggedChange.Kind>,
        after id: Int64,
        through end: Int64,
        limit: Int
    ) throws(StoreError) -> [LoggedChange] {
        try read { database in
            let rows = try CheckedRows(
                keeping:
                    "\(Self.rows) AND \(Self.isNewest(of: kinds)) ORDER BY c.id LIMIT ?3",
                database,
                id,
                end,
                Int64(limit)
            )
            return try Self.take(rows)
        }
    }

    /// Where a receiver is, after what is too old or too much for it was left out.
    ///
    /// It reads through all that waits, if much has come since the last time.
    public func condense(
        _ position: WebhookPosition,
        _ backlog: Backlog
    ) throws(StoreError) -> WebhookPosition {
        try read { database in
            let end = try Self.integer("SELECT coalesce(max(id), 0) FROM changes", database)
            let old = try Self.last(before: backlog.time, position.condensed, end, database)
            let isMuch = end - position.condensed >= max(1, backlog.most / 10)
            guard old > position.condensed || isMuch else { return position }
            func count(condensedThrough id: Int64) throws -> Int64 {
                try Self.count(backlog.kinds, after: position.passed, through: id, end, database)
            }
            let waiting = try count(condensedThrough: position.condensed)
            var (condensed, passed) = (old, position.passed)
            var left = old > position.condensed ? try count(condensedThrough: old) : waiting
            if left > backlog.most {
                condensed = max(end, position.condensed)
                left = try count(condensedThrough: condensed)
            }
            if left > backlog.most {
                passed = try Self.integer(
                    """
                    SELECT c.id FROM changes AS c WHERE \(Self.isThere) \
                    AND \(Self.isNewest(of: backlog.kinds)) ORDER BY c.id LIMIT 1 OFFSET ?3
                    """,
                    database,
                    passed,
                    condensed,
                    left - backlog.most - 1
                )
                left = backlog.most
            }
            var condensing = position
            condensing.skip(waiting - left, passing: passed, condensingThrough: condensed)
            return condensing
        }
    }

    /// That no later change of the user of `c` is between ?1 and ?2, and that `c` is.
    private static func isNewest(of kinds: Set<LoggedChange.Kind>) -> String {
        """
        c.id > ?1 AND c.id <= ?2 AND c.type IN \(kinds.list) AND NOT EXISTS (\(Self.later(kinds)))
        """
    }

    /// A later change than `c` of its user, through ?2.
    static func later(_ kinds: Set<LoggedChange.Kind>) -> String {
        // Times and ids of one user rise together.
        """
        SELECT 1 FROM changes AS n WHERE n.user = c.user AND n.time >= c.time AND n.id > c.id \
        AND n.id <= ?2 AND n.type IN \(kinds.list)
        """
    }

    /// How many changes wait behind one id, where through another each user's newest alone does.
    private static func count(
        _ kinds: Set<LoggedChange.Kind>,
        after id: Int64,
        through condensed: Int64,
        _ end: Int64,
        _ database: Database
    ) throws -> Int64 {
        try integer(
            """
            SELECT (SELECT count(*) FROM changes AS c WHERE \(isThere) AND \(isNewest(of: kinds))) \
            + (SELECT count(*) FROM changes AS c WHERE \(isThere) AND c.id > ?2 AND c.id <= ?3 \
            AND c.type IN \(kinds.list))
            """,
            database,
            id,
            condensed,
            end
        )
    }

    /// The last of the ids above one, through another, whose change is of before a Unix second; else the first.
    private static func last(
        before time: Int64,
        _ start: Int64,
        _ end: Int64,
        _ database: Database
    ) throws -> Int64 {
        var (low, high) = (start, end)
        while low < high {
            let middle = low + (high - low + 1) / 2
            let rows = try CheckedRows(
                keeping: "SELECT id, time FROM changes WHERE id >= ?1 ORDER BY id LIMIT 1",
                database,
                middle
            )
            defer { rows.end() }
            if try rows.next(), try rows.integer(1, "changes.time") < time {
                low = try rows.integer(0, "changes.id")
            } else {
                high = middle - 1
            }
        }
        return low
    }

    private static func integer(
        _ sql: String,
        _ database: Database,
        _ arguments: Int64...
    ) throws -> Int64 {
        try Int64.fetchOne(database, sql: sql, arguments: StatementArguments(arguments)) ?? 0
    }
}
