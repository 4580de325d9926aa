import Presence

/// Takes away of the change log what is kept no more.
extension StoredTables {
    /// Cuts off the oldest rows, some of them at a time.
    ///
    /// - Parameters:
    ///   - cut: which rows may go.
    ///   - thinned: through which id was looked already for what receivers want no more.
    ///   - slice: how many rows go at most.
    func cut(_ cut: LogCut, thinned: Int64, slice: Int64) throws -> CutStep {
        var step = CutStep()
        let (last, all, young) = try oldest(cut, slice)
        if all > 0 {
            try run(
                """
                UPDATE change_log SET cut = CASE WHEN cut < ?1 THEN ?1 ELSE cut END, count = count - ?2
                """,
                .integer(last),
                .integer(all)
            )
        }
        // Where changes are not kept, who reads on later must find that some are missing.
        if cut.time == .max, all < slice {
            try run(
                """
                UPDATE change_log SET cut = CASE WHEN last < ?1 THEN last ELSE ?1 END \
                WHERE cut < ?1 AND cut < last
                """,
                .integer(cut.through)
            )
        }
        step.young = young
        let erased = try erase(slice)
        let gone = try run(
            """
            DELETE FROM changes WHERE id IN (SELECT id FROM changes \
            WHERE id <= ?1 AND id <= (SELECT cut FROM change_log) ORDER BY id LIMIT ?2)
            """,
            .integer(cut.wanted.taken),
            .integer(slice)
        )
        let looked: Int64
        (looked, step.thinned) = try thin(cut.wanted, after: thinned, slice)
        step.isThin = looked < slice
        step.gone = gone + erased
        step.isMore = all == slice || gone == slice || looked == slice || erased == slice
        return step
    }

    /// Takes away some of what was erased; returns how many rows went.
    private func erase(_ slice: Int64) throws -> Int64 {
        guard try isAnythingErased() else { return 0 }
        let some = """
            SELECT c.id FROM erasure AS e CROSS JOIN changes AS c WHERE c."user" = e."user" \
            AND c.id <= e.through ORDER BY c."user", c.time, c.id LIMIT ?1
            """
        // Those that are kept for webhooks alone are not counted.
        try run(
            """
            UPDATE change_log SET count = count - \
            (SELECT count(*) FROM (\(some)) AS s WHERE s.id > change_log.cut)
            """,
            .integer(slice)
        )
        let gone = try run("DELETE FROM changes WHERE id IN (\(some))", .integer(slice))
        if gone < slice { try run("DELETE FROM erasure") }
        return gone
    }

    /// Whether there is anything to take away: a statement that deletes nothing writes all the same.
    private func isAnythingErased() throws -> Bool {
        let rows = try self.rows(keeping: "SELECT 1 FROM erasure LIMIT 1")
        defer { rows.end() }
        return try rows.next()
    }

    /// Up to which id rows are kept no more, how many those are, and how many of them are not old.
    private func oldest(
        _ cut: LogCut,
        _ slice: Int64
    ) throws -> (last: Int64, all: Int64, young: Int64) {
        let count = try integer("SELECT count FROM change_log")
        let surplus = max(0, count - min(cut.most, count))
        let rows = try self.rows(
            keeping: """
                SELECT id, time FROM changes WHERE id > (SELECT cut FROM change_log) AND id <= ?1 \
                ORDER BY id LIMIT ?2
                """,
            .integer(cut.through),
            .integer(slice)
        )
        defer { rows.end() }
        var (last, all, young): (Int64, Int64, Int64) = (0, 0, 0)
        while try rows.next() {
            let isOld = try rows.integer(1, "changes.time") < cut.time
            guard isOld || all < surplus else { break }
            last = try rows.integer(0, "changes.id")
            all += 1
            if !isOld { young += 1 }
        }
        return (last, all, young)
    }

    /// Takes away what is kept for receivers alone and is wanted by none; returns how many rows were looked at,
    /// and through which id.
    private func thin(
        _ wanted: LogCut.Wanted,
        after id: Int64,
        _ slice: Int64
    ) throws -> (looked: Int64, through: Int64) {
        let start = max(id, wanted.held)
        guard start < wanted.condensed else { return (0, id) }
        let rows = try self.rows(
            keeping: """
                SELECT count(*), coalesce(max(id), 0) FROM (SELECT id FROM changes WHERE id > ?1 \
                AND id <= ?2 AND id <= (SELECT cut FROM change_log) ORDER BY id LIMIT ?3) AS s
                """,
            .integer(start),
            .integer(wanted.condensed),
            .integer(slice)
        )
        defer { rows.end() }
        guard try rows.next() else { return (0, id) }
        let (looked, end) = (try rows.integer(0, "changes"), try rows.integer(1, "changes.id"))
        guard looked > 0 else { return (0, id) }
        rows.end()
        try run(
            """
            DELETE FROM changes AS c WHERE c.id > ?1 AND c.id <= ?3 AND (c.id <= ?4 \
            OR c.type NOT IN \(LogSQL.list(wanted.kinds)) OR EXISTS (\(LogSQL.later(wanted.kinds))))
            """,
            .integer(start),
            .integer(wanted.condensed),
            .integer(end),
            .integer(wanted.passed)
        )
        return (looked, end)
    }
}
