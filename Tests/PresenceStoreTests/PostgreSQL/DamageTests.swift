import DatabaseFixture
import PostgreSQL
import Presence
import Testing

@testable import PresenceStore

@Suite("What a database holds is not believed", .onPostgreSQL)
struct DamageTests {
    private let server: DatabaseServer
    private let address: DatabaseAddress

    init() throws {
        server = try DatabaseServer.shared.get()
        address = try server.newAddress()
        let store = try PostgreSQLStore.ready(address)
        let rows = (1...3).map { Change.log(.put(ChangeArchiveTests.row($0))) }
        let webhook = Change.log(.putWebhook(WebhookPosition("https://a/", taken: 1)))
        try store.commit(
            Change.some(users: 20) + rows + [.log(.end(3)), webhook],
            isRequested: true
        )
        store.close()
    }

    private func edit(_ sql: String) throws {
        try server.query("SET search_path = \(address.schema); \(sql)")
    }

    @Test(
        "Values that no bridge writes are damage",
        arguments: [
            #"UPDATE "user" SET id = -1 WHERE id = 3"#, #"UPDATE "user" SET id = 0 WHERE id = 3"#,
            #"UPDATE "user" SET id = 4294967296 WHERE id = 3"#,
            #"UPDATE "user" SET id = 268435457 WHERE id = 3"#,
            #"UPDATE "user" SET name = 'a/b' WHERE id = 3"#,
            #"UPDATE "user" SET name = '' WHERE id = 3"#,
            #"UPDATE "user" SET description = '\xff' WHERE id = 3"#,
            #"UPDATE "user" SET cause = 'boredom' WHERE id = 3"#,
            #"UPDATE "user" SET seq = -1 WHERE id = 3"#,
            #"UPDATE "user" SET seq = 9007199254740992 WHERE id = 3"#,
            #"UPDATE "user" SET since = 9223372036854775807 WHERE id = 3"#,
            #"UPDATE "user" SET updated = -9223372036854775808 WHERE id = 3"#,
            #"DELETE FROM "user" WHERE id = 3"#,
            "UPDATE device SET name = '$x' WHERE user_id = 3",
            "UPDATE device SET status = 'On Line' WHERE user_id = 3",
            "UPDATE device SET ttl = -1 WHERE user_id = 3",
            "UPDATE device SET ttl = 9223372036854775807 WHERE user_id = 3",
            #"UPDATE device SET session = '\xc328' WHERE user_id = 3"#,
            "UPDATE device SET user_id = 2001 WHERE user_id = 3",
            "UPDATE device SET heard = -1 WHERE user_id = 3",
            "UPDATE broker SET epoch = -1", "UPDATE broker SET epoch = 9007199254740992",
            "UPDATE broker SET kept = 3", "UPDATE broker SET last_start = 9223372036854775807",
            "UPDATE subscription_run SET entries = ''", "UPDATE subscription_run SET entries = 'a'",
            "UPDATE subscription_run SET entries = substr(entries, 1, 10)",
            "UPDATE subscription_run SET entries = entries || entries",
            #"UPDATE subscription_run SET entries = decode(repeat('ff', 9), 'hex')"#,
            "UPDATE subscription_run SET entries = decode(repeat('00', 9000000), 'hex')",
            "UPDATE subscription_run SET id = -id", "UPDATE subscription_run SET id = id + 5",
            "UPDATE subscription_run SET id = 9223372036854775807 WHERE id >> 32 = 3",
            "UPDATE change_log SET last = -1", "UPDATE change_log SET last = 9223372036854775807",
            "UPDATE webhook SET taken = 7", "UPDATE webhook SET skipped = -1",
            "UPDATE store SET sequence = -1", "UPDATE store SET sequence = 9223372036854775807",
            "UPDATE store SET version = -1", "DELETE FROM store", "DROP TABLE device",
            "DROP TABLE webhook", #"ALTER TABLE "user" DROP COLUMN seq"#,
            #"ALTER TABLE "user" ALTER seq DROP NOT NULL; UPDATE "user" SET seq = NULL"#,
            #"ALTER TABLE "user" ALTER name DROP NOT NULL; UPDATE "user" SET name = NULL"#,
            "ALTER TABLE broker ALTER kept DROP NOT NULL; UPDATE broker SET kept = NULL",
            "ALTER TABLE store ALTER sequence DROP NOT NULL; UPDATE store SET sequence = NULL",
            """
            ALTER TABLE subscription_run ALTER entries DROP NOT NULL; \
            UPDATE subscription_run SET entries = NULL
            """,
            #"ALTER TABLE "user" ALTER seq TYPE text USING 'many'"#,
            #"ALTER TABLE "user" ALTER seq TYPE smallint"#,
            "ALTER TABLE device ALTER heard TYPE numeric",
        ]
    )
    func wrongValues(_ sql: String) throws {
        #expect(PostgreSQLStore.refusal(address) == nil)
        try edit(sql)
        guard case .damaged(address.shown, let reason) = PostgreSQLStore.refusal(address) else {
            Issue.record("taken, or \(String(describing: PostgreSQLStore.refusal(address)))")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("Values that may be missing may be missing")
    func missing() throws {
        try edit(
            """
            UPDATE broker SET started = NULL, marked_topic = NULL; \
            UPDATE "user" SET cause = NULL, since = NULL, updated = NULL, description_expires = NULL; \
            UPDATE device SET ttl = NULL, session = NULL
            """
        )
        #expect(try PostgreSQLStore.everything(at: address).count == 20 + 20 + 200 + 3)
    }

    @Test(
        "Changes that no bridge logs are damage",
        arguments: [
            "UPDATE changes SET type = 'x'", "UPDATE changes SET \"user\" = 'a/b' WHERE id = 2",
            "UPDATE changes SET id = -id WHERE id = 2", "UPDATE changes SET time = -1 WHERE id = 2",
            "UPDATE changes SET status = '' WHERE id = 2", "DROP TABLE changes",
        ]
    )
    func wrongChanges(_ sql: String) throws {
        let store = try PostgreSQLStore.ready(address)
        defer { store.close() }
        let archive = store.archive()
        #expect(try archive.changes(after: 0, limit: 9).count == 3)
        try edit(sql)
        let error = #expect(throws: StoreError.self) {
            try archive.changes(after: .min, limit: 9)
        }
        guard case .damaged(address.shown, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("What a commit finds damaged it refuses, and the next one is taken")
    func foundByCommit() throws {
        let store = try PostgreSQLStore.ready(address)
        try edit(
            #"""
            UPDATE subscription_run SET entries = 'a' WHERE id >> 32 = 3; \#
            UPDATE "user" SET name = 'a/b' WHERE id = 4
            """#
        )
        for change in [Change.subscription(3, 5, 9), .user(4, "new")] {
            let error = #expect(throws: StoreError.self) {
                try store.commit([.user(21), change], isRequested: true)
            }
            guard case .damaged = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        let names = try server.query(#"SELECT count(*) FROM \#(address.schema)."user""#)
        #expect(names == "20")
        try store.commit([.user(22), .subscription(2, 5, 9)], isRequested: true)
    }
}
