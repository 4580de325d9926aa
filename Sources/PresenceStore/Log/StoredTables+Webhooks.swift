import Presence

/// What a webhook's receiver that was away for long is told.
extension StoredTables {
    /// Each user's newest change among those with higher ids than one, through another, the lowest first.
    func newest(
        of kinds: Set<LoggedChange.Kind>,
        after id: Int64,
        through end: Int64,
        limit: Int
    ) throws -> [LoggedChange] {
        try take(
            rows(
                keeping: """
                    \(LogSQL.rows) AND \(LogSQL.isNewest(of: kinds)) ORDER BY c.id LIMIT ?3
                    """,
                .integer(id),
                .integer(end),
                .integer(Int64(limit))
            )
        )
    }

    /// Where a receiver is, after what is too old or too much for it was left out.
    func condense(_ position: WebhookPosition, _ backlog: Backlog) throws -> WebhookPosition {
        let end = try integer("SELECT coalesce(max(id), 0) FROM changes")
        let old = try last(before: backlog.time, position.condensed, end)
        let isMuch = end - position.condensed >= max(1, backlog.most / 10)
        guard old > position.condensed || isMuch else { return position }
        func count(condensedThrough id: Int64) throws -> Int64 {
            try self.count(backlog.kinds, after: position.passed, through: id, end)
        }
        let waiting = try count(condensedThrough: position.condensed)
        var (condensed, passed) = (old, position.passed)
        var left = old > position.condensed ? try count(condensedThrough: old) : waiting
        if left > backlog.most {
            condensed = max(end, position.condensed)
            left = try count(condensedThrough: condensed)
        }
        if left > backlog.most {
            passed = try integer(
                """
                SELECT c.id FROM changes AS c WHERE \(LogSQL.isThere) \
                AND \(LogSQL.isNewest(of: backlog.kinds)) ORDER BY c.id LIMIT 1 OFFSET ?3
                """,
                .integer(passed),
                .integer(condensed),
                .integer(left - backlog.most - 1)
            )
            left = backlog.most
        }
        var condensing = position
        condensing.skip(waiting - left, passing: passed, condensingThrough: condensed)
        return condensing
    }

    /// How many changes wait behind one id, where through another each user's newest alone does.
    private func count(
        _ kinds: Set<LoggedChange.Kind>,
        after id: Int64,
        through condensed: Int64,
        _ end: Int64
    ) throws -> Int64 {
        try integer(
            """
            SELECT (SELECT count(*) FROM changes AS c WHERE \(LogSQL.isThere) \
            AND \(LogSQL.isNewest(of: kinds))) \
            + (SELECT count(*) FROM changes AS c WHERE \(LogSQL.isThere) AND c.id > ?2 AND c.id <= ?3 \
            AND c.type IN \(LogSQL.list(kinds)))
            """,
            .integer(id),
            .integer(condensed),
            .integer(end)
        )
    }

    /// The last of the ids above one, through another, whose change is of before a Unix second; else the first.
    private func last(before time: Int64, _ start: Int64, _ end: Int64) throws -> Int64 {
        var (low, high) = (start, end)
        while low < high {
            let middle = low + (high - low + 1) / 2
            let rows = try rows(
                keeping: "SELECT id, time FROM changes WHERE id >= ?1 ORDER BY id LIMIT 1",
                .integer(middle)
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
}
