import Foundation
import GRDB

/// The tables of a store and their version.
enum Schema {
    /// Marks a file as a store: `pres` in ASCII.
    static let applicationID: UInt32 = 0x7072_6573
    /// The version that this release writes.
    static var version: Int { steps.count }

    private enum Step {
        case sql(String)
        /// Puts the subscriptions, which had a row each, into runs.
        case packSubscriptions
    }

    /// What leads from each version to the next; a step is never changed once it was released.
    private static let steps: [Step] = [
        .sql(tables),
        // The bridge's last start, so that no two are told as one.
        .sql("ALTER TABLE broker ADD COLUMN last_start INTEGER NOT NULL DEFAULT 0"),
        // What the broker kept over its last restart, and by what that is told.
        .sql(
            """
            ALTER TABLE broker ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE broker ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE broker ADD COLUMN marked_topic TEXT;
            """
        ),
        // The number of the last turn that is here, and not in the journal alone. No two stores begin
        // with the same one, so that the journal of one does not follow on the other.
        .sql(
            """
            CREATE TABLE journal (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                applied INTEGER NOT NULL
            ) STRICT;
            INSERT INTO journal VALUES (1, random() & \(JournalRecord.sequences.upperBound / 2 - 1));
            """
        ),
        // A row for many subscriptions: a start reads them several times as fast.
        .packSubscriptions,
        // The change log, the last id that was given out, the last one that is not kept any more, and how many
        // rows are.
        .sql(
            """
            CREATE TABLE changes (
                id INTEGER PRIMARY KEY,
                user TEXT NOT NULL,
                time INTEGER NOT NULL,
                type TEXT NOT NULL,
                status TEXT NOT NULL
            ) STRICT;
            CREATE INDEX changes_of_user ON changes (user, time);
            CREATE TABLE change_log (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                last INTEGER NOT NULL,
                cut INTEGER NOT NULL,
                count INTEGER NOT NULL
            ) STRICT;
            INSERT INTO change_log VALUES (1, 0, 0, 0);
            """
        ),
        // How far the receiver of each webhook is in the change log: `WebhookPosition`. And whose changes are
        // erased, through which id: nobody reads them any more, and they go a few at a time.
        .sql(
            """
            CREATE TABLE webhook (
                url TEXT PRIMARY KEY,
                taken INTEGER NOT NULL,
                held INTEGER NOT NULL,
                passed INTEGER NOT NULL,
                condensed INTEGER NOT NULL,
                skipped INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE erasure (
                user TEXT PRIMARY KEY,
                through INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            """
        ),
    ]

    /// The tables of the first version.
    private static let tables = """
        CREATE TABLE broker (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            started INTEGER,
            epoch INTEGER NOT NULL,
            is_settled INTEGER NOT NULL,
            clock INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE user (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            description TEXT NOT NULL,
            description_expires INTEGER,
            cause TEXT,
            since INTEGER,
            updated INTEGER,
            seq INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE device (
            user_id INTEGER NOT NULL,
            name TEXT NOT NULL,
            status TEXT NOT NULL,
            ttl INTEGER,
            session TEXT,
            epoch INTEGER NOT NULL,
            heard INTEGER NOT NULL,
            PRIMARY KEY (user_id, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE subscription (
            watcher_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            PRIMARY KEY (watcher_id, user_id)
        ) STRICT, WITHOUT ROWID;
        PRAGMA application_id = \(applicationID);
        """

    /// Takes the steps that are left, within the transaction that is open.
    static func migrate(_ database: Database, from version: Int) throws {
        for step in steps.dropFirst(version) {
            switch step {
            case .sql(let sql): try database.execute(sql: sql)
            case .packSubscriptions: try SubscriptionPacking.pack(in: database)
            }
        }
        try database.execute(sql: "PRAGMA user_version = \(self.version)")
    }

    /// Makes the tables in an empty database, all or none.
    static func create(in queue: DatabaseQueue) throws {
        try queue.inTransaction(.immediate) { database in
            try migrate(database, from: 0)
            return .commit
        }
    }

    /// Makes the file of a new store, or nothing: the finished file takes its name in one step, so
    /// that a crash leaves no half of one.
    static func create(_ file: StoreFile) throws {
        let draft = file.resolved + "-new"
        unsafe unlink(draft)
        unsafe unlink(draft + "-journal")
        defer { unsafe unlink(draft) }
        let queue = try DatabaseQueue(path: draft)
        try create(in: queue)
        try queue.close()
        // A log or a journal without its database would be taken for the new one's.
        for suffix in ["-wal", "-shm", "-journal"] + Journal.suffixes {
            unsafe unlink(file.resolved + suffix)
        }
        guard unsafe rename(draft, file.resolved) == 0 else {
            throw StoreError.cannotOpen(path: file.path, reason: StoreFile.lastError)
        }
        StoreFile.syncFolder(of: file.resolved)
    }
}
