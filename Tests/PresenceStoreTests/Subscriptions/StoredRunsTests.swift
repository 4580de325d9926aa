import Foundation
import GRDB
import Presence
import Testing

@testable import PresenceStore

@Suite("Runs of subscriptions in a file")
struct StoredRunsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open() throws -> SQLiteStore {
        try SQLiteStore(path: folder.file("store"), synchronous: .normal)
    }

    /// Runs SQL in the file as another program would.
    private func edit(_ sql: String) throws {
        let queue = try DatabaseQueue(path: folder.file("store"))
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    private func rows(_ sql: String) throws -> [[Int64]] {
        let queue = try DatabaseQueue(path: folder.file("store"))
        defer { try? queue.close() }
        return try queue.read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                row.databaseValues.map { Int64.fromDatabaseValue($0) ?? -1 }
            }
        }
    }

    private static func subscriptions(of watcher: UserID, to users: [UserID]) -> [Change] {
        users.map { .subscription(watcher, $0, 1_700_000_000 + Int64($0)) }
    }

    @Test("Three thousand subscriptions of one watcher come back in parts, and count singly")
    func many() throws {
        let users = (1...3_000 as ClosedRange<UserID>).map { Change.user($0) }
        let subscriptions = Self.subscriptions(of: 5, to: Array(0...3_000))
        var store = try open()
        try store.commit(users)
        // Those in the middle come last.
        try store.commit(subscriptions.filter { $0.hashValue.isMultiple(of: 2) })
        try store.commit(subscriptions)
        #expect(store.rows == 6_001)
        store.close()
        store = try open()
        var parts: [Int] = []
        var found: [Change] = []
        try store.replay(
            { _ in },
            subscriptions: { watcher, watched in
                parts.append(watched.count)
                watched.replay(of: watcher) { found.append($0) }
            }
        )
        #expect(found == subscriptions)
        #expect(parts.count > 20)
        #expect(parts.max() ?? 0 <= SubscriptionRun.longest)
        #expect(store.rows == 6_001)
        let removals: [Change] = (0..<3_000 as Range<UserID>).map { user in
            .removeSubscription(watcher: 5, user: user)
        }
        try store.commit(removals)
        #expect(store.rows == 3_001)
        #expect(try store.everything() == users + [Self.subscriptions(of: 5, to: [3_000])[0]])
        store.close()
    }

    @Test("Neighbours do not get into each other's runs")
    func neighbours() throws {
        let users = (1...300 as ClosedRange<UserID>).map { Change.user($0) }
        let store = try open()
        try store.commit(users)
        let all = ([2, 1, 3] as [UserID]).flatMap { Self.subscriptions(of: $0, to: Array(1...300)) }
        try store.commit(all)
        // The first run of the one in the middle goes: what comes then does not go to the one before.
        let removals: [Change] = (1...90 as ClosedRange<UserID>).map { user in
            .removeSubscription(watcher: 2, user: user)
        }
        try store.commit(removals)
        try store.commit([.subscription(2, 1, 9)])
        let expected =
            Self.subscriptions(of: 1, to: Array(1...300)) + [.subscription(2, 1, 9)]
            + Self.subscriptions(of: 2, to: Array(91...300))
            + Self.subscriptions(of: 3, to: Array(1...300))
        #expect(try store.everything() == users + expected)
        store.close()
    }

    @Test("Other programs see a row for each subscription")
    func view() throws {
        let store = try open()
        try store.commit((1...200 as ClosedRange<UserID>).map { .user($0) })
        try store.commit(Self.subscriptions(of: 3, to: Array(0...200)))
        try store.commit([.subscription(200, 1, 253_402_300_799)])
        store.close()
        let expected = (0...200 as ClosedRange<Int64>).map { [3, $0, 1_700_000_000 + $0] }
        #expect(
            try rows("SELECT * FROM subscription ORDER BY watcher_id, user_id")
                == expected + [[200, 1, 253_402_300_799]]
        )
        let sql = "SELECT watcher_id, user_id, expires FROM subscription WHERE watcher_id = 200"
        #expect(try rows(sql) == [[200, 1, 253_402_300_799]])
    }

    @Test(
        "A run that no bridge writes is damage",
        arguments: [
            // Too short, too long, or cut.
            "UPDATE subscription_run SET entries = x''",
            "UPDATE subscription_run SET entries = substr(entries, 2)",
            "UPDATE subscription_run SET entries = CAST(entries || x'00' AS BLOB)",
            "UPDATE subscription_run SET entries = zeroblob(9 * 129)",
            // Out of order, or twice.
            """
            UPDATE subscription_run \
            SET entries = CAST(substr(entries, 10) || substr(entries, 1, 9) AS BLOB)
            """,
            """
            UPDATE subscription_run SET entries = CAST(substr(entries, 1, 9) || entries AS BLOB)
            """,
            // Before where the run begins, or where another one does.
            "UPDATE subscription_run SET id = id + 2 WHERE id = 3 << 32",
            """
            INSERT INTO subscription_run SELECT id + 2, entries \
            FROM subscription_run WHERE id = 3 << 32
            """,
            """
            INSERT INTO subscription_run SELECT id + 1, substr(entries, 1, 9) \
            FROM subscription_run WHERE id = 3 << 32
            """,
            // Of nobody, or to nobody.
            "UPDATE subscription_run SET id = id & 0xFFFFFFFF WHERE id = 3 << 32",
            "UPDATE subscription_run SET id = -id",
            "UPDATE subscription_run SET id = id + (1000 << 32)",
            "UPDATE subscription_run SET id = id | (1 << 62)",
            "UPDATE subscription_run SET entries = CAST(entries || x'000007D10000000001' AS BLOB)",
            "UPDATE subscription_run SET entries = CAST(entries || x'FFFFFFFF0000000001' AS BLOB)",
            // At a time beyond all counting.
            """
            UPDATE subscription_run \
            SET entries = CAST(substr(entries, 1, 4) || x'FF' || substr(entries, 6) AS BLOB)
            """,
            "UPDATE subscription_run SET entries = x'000000013AFFF44180'",
            "DROP VIEW subscription; DROP TABLE subscription_run",
            """
            PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') \
            WHERE name = 'subscription_run'; PRAGMA writable_schema = RESET;
            UPDATE subscription_run SET entries = 'nobody'
            """,
        ]
    )
    func damaged(_ sql: String) throws {
        let store = try open()
        try store.commit(Change.some(users: 20))
        store.close()
        #expect(try SQLiteStore.everything(in: folder.file("store")) == Change.some(users: 20))
        try edit(sql)
        let before = folder.bytes("store")
        let error = #expect(throws: StoreError.self) {
            try SQLiteStore.everything(in: folder.file("store"))
        }
        guard case .damaged(folder.file("store"), let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
        #expect(folder.bytes("store") == before)
    }

    @Test("A run that is damaged while the store is open is not written over")
    func damagedMeanwhile() throws {
        let store = try open()
        try store.commit(Change.some(users: 20))
        try edit("UPDATE subscription_run SET entries = substr(entries, 2) WHERE id = 3 << 32")
        let error = #expect(throws: StoreError.self) { try store.commit([.subscription(3, 1, 9)]) }
        guard case .damaged = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try store.commit([.subscription(4, 1, 9)])
        store.close()
    }
}
