import Presence

/// Parts of the statements that the change log is read and cut by, in SQL that SQLite and PostgreSQL share.
enum LogSQL {
    /// The rows `c` that are there, and were not erased; a condition more can follow.
    static let rows = """
        SELECT c.id, c."user", c.time, c.type, c.status FROM changes AS c WHERE \(isThere)
        """

    /// That `c` was not erased.
    static let isThere = """
        NOT EXISTS (SELECT 1 FROM erasure AS e WHERE e."user" = c."user" AND c.id <= e.through)
        """

    /// That no later change of the user of `c` is between ?1 and ?2, and that `c` is.
    static func isNewest(of kinds: Set<LoggedChange.Kind>) -> String {
        """
        c.id > ?1 AND c.id <= ?2 AND c.type IN \(list(kinds)) AND NOT EXISTS (\(later(kinds)))
        """
    }

    /// A later change than `c` of its user, through ?2.
    static func later(_ kinds: Set<LoggedChange.Kind>) -> String {
        // Times and ids of one user rise together.
        """
        SELECT 1 FROM changes AS n WHERE n."user" = c."user" AND n.time >= c.time AND n.id > c.id \
        AND n.id <= ?2 AND n.type IN \(list(kinds))
        """
    }

    /// Kinds as a list of texts; of none, one that no kind is.
    static func list(_ kinds: Set<LoggedChange.Kind>) -> String {
        let words = kinds.isEmpty ? [""] : kinds.map(\.rawValue).sorted()
        return "(" + words.map { "'\($0)'" }.joined(separator: ", ") + ")"
    }
}
