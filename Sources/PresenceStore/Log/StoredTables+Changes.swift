import Presence

/// What is asked of the change log.
extension StoredTables {
    /// The last id that is not kept any more; changes after a lower one are not all there.
    func cut() throws -> Int64 {
        try integer("SELECT cut FROM change_log ORDER BY id LIMIT 1")
    }

    /// Changes with higher ids than one, the lowest first, and among them those that are kept for webhooks alone.
    func changes(after id: Int64, limit: Int) throws -> [LoggedChange] {
        try take(
            rows(
                keeping: "\(LogSQL.rows) AND c.id > ?1 ORDER BY c.id LIMIT ?2",
                .integer(id),
                .integer(Int64(limit))
            )
        )
    }

    /// Changes of a user, the newest first.
    func history(_ query: HistoryQuery) throws -> [LoggedChange] {
        // Times and ids rise together, so the change where a page begins says by its time where to look.
        try take(
            rows(
                keeping: """
                    \(LogSQL.rows) AND c."user" = ?1 AND c.time >= ?2 AND c.time < ?3 AND c.id < ?4 \
                    AND c.time <= coalesce((SELECT time FROM changes WHERE id = ?4), ?3) \
                    AND c.id > (SELECT cut FROM change_log) \
                    ORDER BY c.time DESC, c.id DESC LIMIT ?5
                    """,
                .text(query.user.text),
                .integer(query.after),
                .integer(query.before),
                .integer(query.below),
                .integer(Int64(query.limit))
            )
        )
    }

    func take(_ rows: Rows) throws -> [LoggedChange] {
        defer { rows.end() }
        var changes: [LoggedChange] = []
        while try rows.next() {
            guard let kind = LoggedChange.Kind(rawValue: try rows.text(3, "changes.type")) else {
                throw Damage(reason: "changes.type is none of the words that it can be")
            }
            let change = LoggedChange(
                id: try rows.integer(0, "changes.id"),
                user: Name(checked: try rows.text(1, "changes.user")),
                time: try rows.integer(2, "changes.time"),
                kind: kind,
                status: Array(try rows.text(4, "changes.status").utf8)
            )
            if let rule = change.brokenRule { throw Damage(reason: rule) }
            changes.append(change)
        }
        return changes
    }
}
