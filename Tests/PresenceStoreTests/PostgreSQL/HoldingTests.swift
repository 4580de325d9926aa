import DatabaseFixture
import PostgreSQL
import Presence
import Testing

@testable import PresenceStore

@Suite("Several bridges at one database", .onPostgreSQL)
struct HoldingTests {
    private let server: DatabaseServer
    private let address: DatabaseAddress

    init() throws {
        server = try DatabaseServer.shared.get()
        address = try server.newAddress()
    }

    @Test("A schema is one bridge's, as long as it has it")
    func inUse() throws {
        let first = try PostgreSQLStore.ready(address)
        for _ in 1...3 {
            #expect(
                PostgreSQLStore.refusal(address, opening: 300) == .inUse(path: address.shown)
            )
        }
        let other = try PostgreSQLStore.ready(try server.newAddress())
        try first.commit([.user(1)], isRequested: true)
        try other.commit([.user(2)], isRequested: true)
        #expect(try other.everything() == [.user(2)])
        other.close()
        first.close()
        #expect(try PostgreSQLStore.everything(at: address) == [.user(1)])
    }

    @Test("What a bridge has that was killed can be had at once")
    func killed() throws {
        let first = try PostgreSQLStore.ready(address)
        try first.commit([.user(1)], isRequested: true)
        first.abandon()
        #expect(try PostgreSQLStore.everything(at: address) == [.user(1)])
    }

    @Test("Two that make the tables at once both find them made")
    func making() async throws {
        let addresses = try (1...4).map { _ in try server.newAddress() }
        for address in addresses {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...2 {
                    group.addTask { try PostgreSQLStore.ready(address).close() }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("Where another bridge has written meanwhile, nothing is written over it")
    func displaced() throws {
        let remarks = Remarks()
        let store = try PostgreSQLStore.ready(address, remarks)
        try store.commit([.user(1)], isRequested: true)
        try server.endSession(of: address)
        let other = try PostgreSQLStore.ready(address)
        try other.commit([.user(2)], isRequested: true)
        other.close()
        #expect(throws: StoreError.displaced(path: address.shown)) {
            try store.commit([.user(3)], isRequested: true)
        }
        // It stays so, however often it is tried, and is said once.
        for _ in 1...3 {
            #expect(throws: StoreError.displaced(path: address.shown)) {
                try store.commit([.user(3)], isRequested: false)
            }
        }
        #expect(remarks.losses == 1)
        #expect(remarks.finds == 0)
        store.close()
        #expect(try PostgreSQLStore.everything(at: address) == [.user(1), .user(2)])
    }

    @Test("Where the database has gone back, nothing is written on top of that")
    func behind() throws {
        let store = try PostgreSQLStore.ready(address)
        for id in 1...4 as ClosedRange<UserID> { try store.commit([.user(id)], isRequested: true) }
        try server.query("UPDATE \(address.schema).store SET sequence = sequence - 3")
        try server.endSession(of: address)
        let expected = StoreError.behind(path: address.shown)
        #expect(throws: expected) { try store.commit([.user(5)], isRequested: true) }
        #expect("\(expected)".contains("has lost the last transactions"))
        store.close()
        #expect(try PostgreSQLStore.everything(at: address) == (1...4).map { .user($0) })
    }

    @Test("Past the most rows the oldest go before their time, and that is said")
    func most() throws {
        let remarks = Remarks()
        let store = try PostgreSQLStore.ready(address, remarks)
        defer { store.close() }
        let archive = store.archive()
        let rows = (1...500).map { Change.log(.put(ChangeArchiveTests.row($0))) }
        try store.commit(rows + [.log(.end(500))], isRequested: true)
        store.beginCutting(LogCut(through: 500, time: 0, most: 60))
        try until("440 are cut off") { try archive.cut() == 440 }
        try until("it is said") {
            store.beginCutting(LogCut(through: 500, time: 0, most: 60))
            return !remarks.all.isEmpty
        }
        #expect(remarks.all == [.cutOff(changes: 440)])
    }
}
