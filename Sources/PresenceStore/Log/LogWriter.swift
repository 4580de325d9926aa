import GRDB
import Presence

/// Writes what a commit changes of the change log.
struct LogWriter {
    private let database: Database

    init(to database: Database) { self.database = database }

    func write(_ changes: CommitChanges) throws {
        guard let last = changes.logEnd else { return }
        var growth = Int64(changes.logged.count)
        if !changes.logged.isEmpty {
            let put = try WriteStatement(
                database,
                "INSERT OR REPLACE INTO changes (id, user, time, type, status) VALUES (?1, ?2, ?3, ?4, ?5)"
            )
            for row in changes.logged {
                put.bind(1, row.id)
                try put.bind(2, row.user.text)
                put.bind(3, row.time)
                try put.bind(4, row.kind.rawValue)
                try put.bind(5, utf8: row.status)
                try put.run()
            }
        }
        if !changes.erased.isEmpty {
            let erase = try WriteStatement(
                database,
                "DELETE FROM changes WHERE user = ?1 AND id <= ?2"
            )
            for (user, id) in changes.erased {
                try erase.bind(1, user.text)
                erase.bind(2, id)
                growth -= Int64(try erase.run())
            }
        }
        let note = try WriteStatement(
            database,
            "UPDATE change_log SET last = ?1, count = count + ?2"
        )
        note.bind(1, last)
        note.bind(2, growth)
        try note.run()
    }

    /// Cuts off the oldest rows, some of them at a time; returns how many went, and how many of them were not old.
    ///
    /// - Parameters:
    ///   - cut: which rows may go.
    ///   - slice: how many go at most.
    func cut(_ cut: LogCut, slice: Int64) throws -> (all: Int64, young: Int64) {
        let (last, all, young) = try oldest(cut, slice)
        guard all > 0 else { return (0, 0) }
        let delete = try WriteStatement(database, "DELETE FROM changes WHERE id <= ?1")
        delete.bind(1, last)
        try delete.run()
        let note = try WriteStatement(
            database,
            "UPDATE change_log SET cut = max(cut, ?1), count = count - ?2"
        )
        note.bind(1, last)
        note.bind(2, all)
        try note.run()
        return (all, young)
    }

    /// Up to which id rows go, how many those are, and how many of them are not old.
    private func oldest(
        _ cut: LogCut,
        _ slice: Int64
    ) throws -> (last: Int64, all: Int64, young: Int64) {
        let counting = try CheckedRows(keeping: "SELECT count FROM change_log", database)
        defer { counting.end() }
        let count = try counting.next() ? try counting.integer(0, "change_log.count") : 0
        let surplus = max(0, count - min(cut.most, count))
        let rows = try CheckedRows(
            keeping: "SELECT id, time FROM changes WHERE id <= ?1 ORDER BY id LIMIT ?2",
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
}
