import Foundation
import GRDB
import Presence
import Testing

@testable import PresenceStore

@Suite("Stores of earlier releases")
struct EarlierVersionTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// What makes a store one of an earlier release.
    private static let sixthVersion = """
        DROP TABLE webhook; DROP TABLE erasure; PRAGMA user_version = 6;
        """
    private static let fifthVersion = """
        \(sixthVersion) DROP TABLE changes; DROP TABLE change_log; PRAGMA user_version = 5;
        """
    private static let fourthVersion = """
        \(fifthVersion)
        CREATE TABLE old (
            watcher_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            PRIMARY KEY (watcher_id, user_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO old SELECT * FROM subscription;
        DROP VIEW subscription; DROP TABLE subscription_run;
        ALTER TABLE old RENAME TO subscription; PRAGMA user_version = 4;
        """
    private static let thirdVersion = """
        \(fourthVersion) DROP TABLE journal; PRAGMA user_version = 3;
        """
    private static let secondVersion = """
        \(thirdVersion)
        ALTER TABLE broker DROP COLUMN kept; ALTER TABLE broker DROP COLUMN mark;
        ALTER TABLE broker DROP COLUMN marked_topic; PRAGMA user_version = 2;
        """
    private static let firstVersion = """
        \(secondVersion) ALTER TABLE broker DROP COLUMN last_start; PRAGMA user_version = 1;
        """

    /// A closed store of an earlier release.
    private func makeStore(_ earlier: String, _ changes: [Change]) throws {
        let store = try SQLiteStore(path: folder.file("store"), synchronous: .normal)
        try store.commit(changes)
        store.close()
        try edit(earlier)
    }

    /// Runs SQL in the file as another program would.
    private func edit(_ sql: String) throws {
        let queue = try DatabaseQueue(path: folder.file("store"))
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    private var version: Int? {
        FileHeader(Array(folder.bytes("store") ?? Data()))?.version
    }

    @Test("A transaction that a kill has cut as the file grew is taken back, and is no damage")
    func rollbackJournal() throws {
        let changes = (1...100 as ClosedRange<UserID>).map { Change.user($0) }
        try makeStore("PRAGMA journal_mode = DELETE", changes)
        let size = try #require(folder.bytes("store")).count
        let queue = try DatabaseQueue(path: folder.file("store"))
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA cache_size = 5; BEGIN; CREATE TABLE large (b BLOB)")
            for _ in 0..<100 {
                try database.execute(sql: "INSERT INTO large VALUES (randomblob(4000))")
            }
            try folder.copy("store", to: "killed", suffixes: ["", "-journal"])
            try database.execute(sql: "ROLLBACK")
        }
        try queue.close()
        #expect(try #require(folder.bytes("killed-journal")).count > 0)
        // The first page is written first, with the number of pages that there are to be.
        var bytes = Array(try #require(folder.bytes("killed")).prefix(size))
        bytes[28] = 1
        try folder.write(bytes, to: "killed")
        #expect(try #require(FileHeader(bytes)?.size) > Int64(size))
        #expect(try SQLiteStore.everything(in: folder.file("killed")) == changes)
    }

    @Test(
        "A store of an earlier release is brought up to date, and nothing in it is lost",
        arguments: [
            firstVersion, secondVersion, thirdVersion, fourthVersion, fifthVersion, sixthVersion,
        ]
    )
    func earlierVersion(_ earlier: String) throws {
        let changes =
            (1...300 as ClosedRange<UserID>).map { Change.user($0) }
            + (1...300 as ClosedRange<UserID>).flatMap { watcher in
                // One watches nobody, and one everyone.
                (0..<watcher / 2).map { .subscription(watcher, $0 * 2, Int64($0) << 30) }
            }
        try makeStore(earlier, [.putBroker(BrokerRecord(epoch: 2))] + changes)
        let all = [.putBroker(BrokerRecord(epoch: 2))] + changes
        #expect(try SQLiteStore.everything(in: folder.file("store")) == all)
        #expect(version == Schema.version)
        let store = try SQLiteStore(path: folder.file("store"), synchronous: .normal)
        #expect(try store.everything() == all)
        #expect(store.rows == Int64(changes.count))
        #expect(try store.value(of: "SELECT count(*) FROM subscription_run") == 342.databaseValue)
        store.close()
    }

    /// Stores as earlier releases have left them: of a few users, one of whom watches 150 others.
    @Test("A file that an earlier release has written is taken", arguments: [2, 4])
    func file(_ found: Int) throws {
        let path = "\(#filePath)".split(separator: "/").dropLast().joined(separator: "/")
        let source = URL(filePath: "/\(path)/Files/version-\(found).db")
        try folder.write(Data(contentsOf: source), to: "store")
        #expect(version == found)
        let old = try DatabaseQueue(path: folder.file("store"))
        let rows = try old.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM subscription ORDER BY watcher_id, user_id"
            ).map { Change.subscription($0[0], $0[1], $0[2]) }
        }
        try old.close()
        #expect(rows.count == 153)
        let everything = try SQLiteStore.everything(in: folder.file("store"))
        #expect(version == Schema.version)
        #expect(everything.count == 1 + 154 + 4 + 153)
        #expect(Array(everything.suffix(153)) == rows)
        #expect(try SQLiteStore.everything(in: folder.file("store")) == everything)
    }

    @Test(
        "A damaged store of an earlier release is not brought up to date",
        arguments: [
            "UPDATE user SET name = 'a/b'", "DROP TABLE subscription",
            "UPDATE subscription SET watcher_id = 0 WHERE watcher_id = 3 AND user_id = 1",
            "UPDATE subscription SET user_id = 2001 WHERE watcher_id = 3 AND user_id = 1",
            "UPDATE subscription SET user_id = 1 << 40 WHERE watcher_id = 3 AND user_id = 1",
            "UPDATE subscription SET watcher_id = 2001 WHERE watcher_id = 3 AND user_id = 1",
            "UPDATE subscription SET expires = -1 WHERE watcher_id = 3 AND user_id = 1",
            "UPDATE subscription SET expires = 1 << 40 WHERE watcher_id = 3 AND user_id = 1",
        ]
    )
    func damaged(_ sql: String) throws {
        for earlier in [Self.firstVersion, Self.fourthVersion] {
            try? FileManager.default.removeItem(atPath: folder.file("store"))
            try makeStore(earlier, Change.some(users: 20))
            try edit(sql)
            let before = folder.bytes("store")
            let error = #expect(throws: StoreError.self) {
                try SQLiteStore.everything(in: folder.file("store"))
            }
            guard case .damaged = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(folder.bytes("store") == before)
        }
    }
}
