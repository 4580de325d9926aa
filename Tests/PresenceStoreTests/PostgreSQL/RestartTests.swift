import DatabaseFixture
import Presence
import Testing

@testable import PresenceStore

@Suite("A store whose database is started again", .onPostgreSQL)
struct RestartTests {
    @Test(
        "Between two commits it is not noticed, however the database has ended",
        arguments: [DatabaseServer.Ending.fast, .immediate, .killed]
    )
    func betweenCommits(ending: DatabaseServer.Ending) throws {
        let server = try DatabaseServer()
        let remarks = Remarks()
        let address = try server.newAddress()
        let store = try PostgreSQLStore.ready(address, remarks)
        var expected: [Change] = [
            .putBroker(BrokerRecord(epoch: 2)), .user(1), .device(1, "a"),
        ]
        try store.commit(expected, isRequested: true)
        for change in [Change.device(1, "b"), .subscription(1, 0), .subscription(1, 1)] {
            server.end(ending)
            try server.start()
            // As a request does, and as a device does.
            try store.commit([change], isRequested: expected.count == 4)
            expected.append(change)
        }
        #expect(store.rows == 5)
        #expect(remarks.all == [])
        #expect(try store.everything() == expected)
        store.close()
        #expect(try PostgreSQLStore.everything(at: address) == expected)
    }

    @Test("The change log is read on, and cut on")
    func archive() throws {
        let server = try DatabaseServer()
        let store = try PostgreSQLStore.ready(try server.newAddress())
        let archive = store.archive()
        let rows = (1...9).map { ChangeArchiveTests.row($0) }
        try store.commit(rows.map { .log(.put($0)) } + [.log(.end(9))], isRequested: false)
        #expect(try archive.changes(after: 0, limit: 20) == rows)
        store.beginCutting(LogCut(through: 2, time: 900))
        try until("two changes are cut off") { try archive.cut() == 2 }
        server.end(.fast)
        try server.start()
        #expect(try archive.changes(after: 0, limit: 20) == Array(rows[2...]))
        try store.commit([.user(1)], isRequested: false)
        // A cut at a session that has ended may come to nothing; the bridge asks for one each second.
        try until("four changes are cut off") {
            store.beginCutting(LogCut(through: 4, time: 900))
            return try archive.cut() == 4
        }
        archive.close()
        #expect(throws: StoreError.self) { try archive.cut() }
    }
}
