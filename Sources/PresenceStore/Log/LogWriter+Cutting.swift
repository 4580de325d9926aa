import GRDB
import Presence

/// Takes away what is kept no more.
extension LogWriter {
    /// What one step has done.
    struct Step {
        /// How many rows are kept no more that were not old.
        var young: Int64 = 0
        /// How many rows went.
        var gone: Int64 = 0
        /// Through which id was looked for what receivers want no more, and whether that was the last.
        var thinned: Int64 = 0
        var isThin = true
        /// Whether another step has more to do.
        var isMore = false
    }

    /// Cuts off the oldest rows, some of them at a time.
    ///
    /// - Parameters:
    ///   - cut: which rows may go.
    ///   - thinned: through which id was looked already for what receivers want no more.
    ///   - slice: how many rows go at most.
    func cut(_ cut: LogCut, thinned: Int64, slice: Int64) throws -> Step {
        var step = Step()
        let (last, all, young) = try oldest(cut, slice)
        if all > 0 {
            try run(
                "UPDATE change_log SET cut = max(cut, ?1), count = count - ?2",
                last,
                all
            )
        }
        // Where changes are not kept, who reads on later must find that some are missing.
        if cut.time == .max, all < slice {
            try run(
                "UPDATE change_log SET cut = min(?1, last) WHERE cut < min(?1, last)",
                cut.through
            )
        }
        step.young = young
        let erased = try erase(slice)
        let gone = try run(
            """
            DELETE FROM changes WHERE id IN (SELECT id FROM changes \
            WHERE id <= min(?1, (SELECT cut FROM change_log)) ORDER BY id LIMIT ?2)
            """,
            cut.wanted.taken,
            slice
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
            SELECT c.id FROM erasure AS e CROSS JOIN changes AS c ON c.user = e.user \
            WHERE c.id <= e.through ORDER BY c.user, c.time, c.id LIMIT ?1
            """
        // Those that are kept for webhooks alone are not counted.
        try run(
            """
            UPDATE change_log SET count = count - \
            (SELECT count(*) FROM (\(some)) WHERE id > change_log.cut)
            """,
            slice
        )
        let gone = try run("DELETE FROM changes WHERE id IN (\(some))", slice)
        if gone < slice { try run("DELETE FROM erasure") }
        return gone
    }

    /// Whether there is anything to take away: a statement that deletes nothing writes all the same.
    private func isAnythingErased() throws -> Bool {
        let rows = try CheckedRows(keeping: "SELECT 1 FROM erasure LIMIT 1", database)
        defer { rows.end() }
        return try rows.next()
    }

    /// Up to which id rows are kept no more, how many those are, and how many of them are not old.
    private func oldest(
        _ cut: LogCut,
        _ slice: Int64
    ) throws -> (last: Int64, all: Int64, young: Int64) {
        let counting = try CheckedRows(keeping: "SELECT count FROM change_log", database)
        defer { counting.end() }
        let count = try counting.next() ? try counting.integer(0, "change_log.count") : 0
        let surplus = max(0, count - min(cut.most, count))
        let rows = try CheckedRows(
            keeping: """
                SELECT id, time FROM changes WHERE id > (SELECT cut FROM change_log) AND id <= ?1 \
                ORDER BY id LIMIT ?2
                """,
            database,
            cut.through,
            slice
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
        let rows = try CheckedRows(
            keeping: """
                SELECT count(*), coalesce(max(id), 0) FROM (SELECT id FROM changes WHERE id > ?1 \
                AND id <= min(?2, (SELECT cut FROM change_log)) ORDER BY id LIMIT ?3)
                """,
            database,
            start,
            wanted.condensed,
            slice
        )
        defer { rows.end() }
        guard try rows.next() else { return (0, id) }
        let (looked, end) = (try rows.integer(0, "changes"), try rows.integer(1, "changes.id"))
        guard looked > 0 else { return (0, id) }
        rows.end()
        try run(
            """
            DELETE FROM changes AS c WHERE c.id > ?1 AND c.id <= ?3 AND (c.id <= ?4 \
            OR c.type NOT IN \(wanted.kinds.list) OR EXISTS (\(ChangeArchive.later(wanted.kinds))))
            """,
            start,
            wanted.condensed,
            end,
            wanted.passed
        )
        return (looked, end)
    }

    @discardableResult
    private func run(_ sql: String, _ arguments: Int64...) throws -> Int64 {
        let statement = try WriteStatement(database, sql)
        for (index, argument) in arguments.enumerated() {
            statement.bind(Int32(index + 1), argument)
        }
        return Int64(try statement.run())
    }
}
