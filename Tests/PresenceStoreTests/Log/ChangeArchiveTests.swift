import Foundation
import Presence
import Testing

@testable import PresenceStore

@Suite("The change log in a store")
struct ChangeArchiveTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static func row(_ id: Int64, _ user: String = "bob", time: Int64? = nil) -> LoggedChange {
        LoggedChange(
            id: id,
            user: Name(checked: user),
            time: time ?? 100 + id,
            kind: .online,
            status: Array(#"{"n":"\#(id)é"}"#.utf8)
        )
    }

    private func log(_ rows: [LoggedChange], last: Int64) -> [Change] {
        rows.map { .log(.put($0)) } + [.log(.end(last))]
    }

    @Test(
        "Rows are read in order and by user, from a file, from memory and from a database",
        arguments: Engine.all
    )
    func reading(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        defer { withExtendedLifetime(place) { store.close() } }
        let archive = try store.archive()
        defer { archive.close() }
        let rows = (1...9).map { Self.row($0, $0 % 3 == 0 ? "carol" : "bob") }
        try store.commit(log(rows, last: 9))
        #expect(try archive.changes(after: 0, limit: 4) == Array(rows[..<4]))
        #expect(try archive.changes(after: 7, limit: 4) == Array(rows[7...]))
        #expect(try archive.changes(after: 9, limit: 4) == [])
        let bob = Name(checked: "bob")
        let history = { (query: HistoryQuery) in try archive.history(query).map(\.id) }
        #expect(try history(HistoryQuery(of: bob, limit: 3)) == [8, 7, 5])
        #expect(try history(HistoryQuery(of: bob, below: 5, limit: 3)) == [4, 2, 1])
        #expect(try history(HistoryQuery(of: bob, after: 104, before: 108, limit: 9)) == [7, 5, 4])
        #expect(try history(HistoryQuery(of: Name(checked: "zoe"), limit: 3)) == [])
        // Rows of one second are told apart by their ids.
        let twins = [Self.row(10, time: 200), Self.row(11, time: 200), Self.row(12, time: 200)]
        try store.commit(log(twins, last: 12))
        #expect(try history(HistoryQuery(of: bob, below: 12, limit: 2)) == [11, 10])
        #expect(try history(HistoryQuery(of: bob, below: 11, limit: 2)) == [10, 8])
    }

    @Test("The last id outlives the rows, and is all that a start is told", arguments: Engine.here)
    func replay(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        try store.commit([.user(1)] + log([Self.row(4)], last: 4))
        try store.commit([.log(.erase(Name(checked: "bob"), through: 4)), .log(.end(5))])
        #expect(try store.archive().changes(after: 0, limit: 9) == [])
        store.close()
        #expect(try place.everything() == [.user(1), .log(.end(5))])
    }

    @Test(
        "An erasure takes what came before it, and no row that came later in the same commit",
        arguments: Engine.all
    )
    func erasing(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        defer { withExtendedLifetime(place) { store.close() } }
        let archive = try store.archive()
        try store.commit(log([Self.row(1), Self.row(2, "carol")], last: 2))
        try store.commit(
            log([Self.row(3)], last: 3) + [.log(.erase(Name(checked: "bob"), through: 3))]
                + log([Self.row(4)], last: 4)
        )
        #expect(try archive.changes(after: 0, limit: 9).map(\.id) == [2, 4])
    }

    @Test(
        "What is old is cut off in slices, the oldest first, and as far as it is not wanted",
        arguments: Engine.here
    )
    func cutting(engine: Engine) async throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        defer { withExtendedLifetime(place) { store.close() } }
        let archive = try store.archive()
        try store.commit(log((1...1_000).map { Self.row($0) }, last: 1_000))
        store.cutLog(LogCut(through: 650, time: 900))
        try await until { try archive.cut() == 650 }
        #expect(try archive.changes(after: 0, limit: 1).map(\.id) == [651])
        store.cutLog(LogCut(through: .max, time: 900))
        try await until { try archive.cut() == 799 }
        #expect(try archive.changes(after: 0, limit: 1).map(\.id) == [800])
    }

    @Test("Past the most rows the oldest go before their time, and that is said")
    func most() async throws {
        var remarks: [StoreRemark] = []
        let store = try JournaledStore(path: folder.file("store"), synchronous: .normal) {
            remarks.append($0)
        }
        defer { store.close() }
        try store.replay { _ in }
        let archive = try store.archive()
        try store.commit(log((1...500).map { Self.row($0) }, last: 500), isRequested: true)
        #expect(store.archivedThrough == 500)
        store.beginCutting(LogCut(through: 500, time: 0, most: 60))
        try await until { try archive.cut() == 440 }
        try await until {
            store.beginCutting(LogCut(through: 500, time: 0, most: 60))
            return !remarks.isEmpty
        }
        #expect(remarks == [.cutOff(changes: 440)])
        #expect(try archive.changes(after: 0, limit: 1).map(\.id) == [441])
    }

    @Test("What was journaled is in the archive when SQLite has it, and not before")
    func journaled() throws {
        let path = folder.file("store")
        let store = try JournaledStore(path: path, synchronous: .normal) { _ in }
        try store.replay { _ in }
        let archive = try store.archive()
        try store.commit(log([Self.row(1)], last: 1), isRequested: false)
        #expect(store.archivedThrough == 0)
        #expect(try archive.changes(after: 0, limit: 9) == [])
        store.beginApplying()
        store.finishApplying()
        #expect(store.archivedThrough == 1)
        #expect(try archive.changes(after: 0, limit: 9) == [Self.row(1)])
        try store.commit(log([Self.row(2)], last: 2), isRequested: false)
        // The bridge is killed.
        try folder.copy("store", to: "killed")
        store.close()
        let next = try JournaledStore(path: folder.file("killed"), synchronous: .normal) { _ in }
        defer { next.close() }
        var all: [Change] = []
        try next.replay { all.append($0) }
        #expect(all == [.log(.end(2))])
        #expect(next.unarchived == [])
        #expect(try next.archive().changes(after: 0, limit: 9) == [Self.row(1), Self.row(2)])
    }

    /// Waits for what happens on another thread.
    private func until(_ isThere: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try !isThere() {
            try #require(ContinuousClock.now < deadline, "it has not happened within 20 s")
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
