import GRDB
import Presence

/// The change log as it lies in a store's file, read beside the commits that go on meanwhile.
///
/// Any thread may ask; each waits for those that asked before. What a store has not brought into its file
/// yet is not here.
public final class ChangeArchive: Sendable {
    /// The rows that are there, and were not erased; a condition more can follow.
    static let rows = """
        SELECT c.id, c.user, c.time, c.type, c.status FROM changes AS c WHERE \(isThere)
        """
    /// That `c` was not erased.
    static let isThere = """
        NOT EXISTS (SELECT 1 FROM erasure AS e WHERE e.user = c.user AND c.id <= e.through)
        """

    private let path: String
    private let queue: DatabaseQueue
    /// Whether the connection is this one's alone.
    private let isOwn: Bool

    /// Reads by a connection of its own.
    init(_ file: StoreFile) throws {
        var configuration = Connection.configuration
        configuration.readonly = true
        path = file.path
        queue = try DatabaseQueue(path: file.resolved, configuration: configuration)
        isOwn = true
    }

    /// Reads a store in memory, by its only connection.
    init(memory queue: DatabaseQueue) {
        path = ":memory:"
        self.queue = queue
        isOwn = false
    }

    /// The last id that is not kept any more; changes after a lower one are not all there.
    public func cut() throws(StoreError) -> Int64 {
        try read { database in
            let rows = try CheckedRows(database, "SELECT cut FROM change_log ORDER BY id LIMIT 1")
            return try rows.next() ? try rows.integer(0, "change_log.cut") : 0
        }
    }

    /// Changes with higher ids than one, the lowest first, and among them those that are kept for webhooks alone.
    public func changes(after id: Int64, limit: Int) throws(StoreError) -> [LoggedChange] {
        try read { database in
            let rows = try CheckedRows(
                keeping: "\(Self.rows) AND c.id > ?1 ORDER BY c.id LIMIT ?2",
                database,
                id,
                Int64(limit)
            )
            return try Self.take(rows)
        }
    }

    /// Changes of a user, the newest first.
    public func history(_ query: HistoryQuery) throws(StoreError) -> [LoggedChange] {
        try read { database in
            // Times and ids rise together, so the change where a page begins says by its time where to look.
            let rows = try CheckedRows(
                keeping: """
                    \(Self.rows) AND c.user = ?1 AND c.time >= ?2 AND c.time < ?3 AND c.id < ?4 \
                    AND c.time <= coalesce((SELECT time FROM changes WHERE id = ?4), ?3) \
                    AND c.id > (SELECT cut FROM change_log) \
                    ORDER BY c.time DESC, c.id DESC LIMIT ?5
                    """,
                database,
                text: query.user.text,
                query.after,
                query.before,
                query.below,
                Int64(query.limit)
            )
            return try Self.take(rows)
        }
    }

    /// Closes the connection; what is asked for afterwards fails.
    public func close() { if isOwn { try? queue.close() } }

    static func take(_ rows: CheckedRows) throws -> [LoggedChange] {
        defer { rows.end() }
        var changes: [LoggedChange] = []
        while try rows.next() {
            guard let kind = LoggedChange.Kind(rawValue: try rows.text(3, "changes.type")) else {
                throw Reader.Damage(reason: "changes.type is none of the words that it can be")
            }
            let change = LoggedChange(
                id: try rows.integer(0, "changes.id"),
                user: Name(checked: try rows.text(1, "changes.user")),
                time: try rows.integer(2, "changes.time"),
                kind: kind,
                status: Array(try rows.text(4, "changes.status").utf8)
            )
            if let rule = change.brokenRule { throw Reader.Damage(reason: rule) }
            changes.append(change)
        }
        return changes
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try queue.writeWithoutTransaction(body)
        } catch {
            throw StoreError(error, doing: .reading, path: path)
        }
    }
}
