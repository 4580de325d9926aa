import GRDB
import Presence

/// Writes what a commit changes of the change log.
struct LogWriter {
    let database: Database

    init(to database: Database) { self.database = database }

    func write(_ changes: CommitChanges) throws {
        try write(changes.webhooks)
        guard let last = changes.logEnd else { return }
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
            // Nobody reads them from now on; they may be so many that they go a few at a time.
            let erase = try WriteStatement(
                database,
                "INSERT OR REPLACE INTO erasure VALUES (?1, ?2)"
            )
            for (user, id) in changes.erased {
                try erase.bind(1, user.text)
                erase.bind(2, id)
                try erase.run()
            }
        }
        let note = try WriteStatement(
            database,
            "UPDATE change_log SET last = ?1, count = count + ?2"
        )
        note.bind(1, last)
        note.bind(2, Int64(changes.logged.count))
        try note.run()
    }

    private func write(_ webhooks: [String: WebhookPosition?]) throws {
        guard !webhooks.isEmpty else { return }
        let put = try WriteStatement(
            database,
            "INSERT OR REPLACE INTO webhook VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        )
        let remove = try WriteStatement(database, "DELETE FROM webhook WHERE url = ?1")
        for (url, position) in webhooks {
            guard let position else {
                try remove.bind(1, url)
                try remove.run()
                continue
            }
            try put.bind(1, url)
            put.bind(2, position.taken)
            put.bind(3, position.held)
            put.bind(4, position.passed)
            put.bind(5, position.condensed)
            put.bind(6, position.skipped)
            try put.run()
        }
    }
}
