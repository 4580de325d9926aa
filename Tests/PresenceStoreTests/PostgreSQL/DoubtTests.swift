import DatabaseFixture
import PostgreSQL
import Presence
import Testing

@testable import PresenceStore

/// A connection that ends while a `COMMIT` is under way: nobody says whether it was done.
@Suite("A commit of which it is not known whether it was done", .onPostgreSQL)
struct DoubtTests {
    private let server: DatabaseServer
    private let relay: DatabaseRelay
    private let address: DatabaseAddress
    private let direct: DatabaseAddress
    private let remarks = Remarks()
    private let store: PostgreSQLStore

    /// What is stored first.
    private static let before: [Change] =
        [
            .user(1, "alice"), .user(2), .user(3), .device(1, "phone"),
            .subscription(1, 2, 10), .subscription(1, 3, 20),
        ] + log(1...2)
    /// What is in doubt: rows of every kind, new, changed and removed.
    private static let doubtful: [Change] =
        [
            .user(1, "anna"), .user(4), .subscription(1, 2, 99), .subscription(1, 4, 5),
            .subscription(4, 1, 5), .removeSubscription(watcher: 1, user: 3),
        ] + log(3...5)

    init() throws {
        server = try DatabaseServer.shared.get()
        relay = try DatabaseRelay(to: server)
        let schema = server.newSchema()
        address = DatabaseAddress(try ConnectionString(relay.uri), schema: schema)
        direct = DatabaseAddress(try ConnectionString(server.uri), schema: schema)
        store = try PostgreSQLStore.ready(address, remarks)
        try store.commit(Self.before, isRequested: true)
    }

    private static func log(_ ids: ClosedRange<Int64>) -> [Change] {
        ids.map { .log(.put(ChangeArchiveTests.row($0))) } + [.log(.end(ids.upperBound))]
    }

    /// What a start is told of the log.
    private func withoutRows(_ changes: [Change], end: Int64) -> [Change] {
        changes.filter { if case .log = $0 { false } else { true } } + [.log(.end(end))]
    }

    private func expect(
        _ changes: [Change],
        end: Int64,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        store.close()
        let found = try PostgreSQLStore.ready(direct)
        defer { found.close() }
        let expected = withoutRows(changes, end: end)
        #expect(try found.everything() == expected, sourceLocation: sourceLocation)
        #expect(store.rows == found.rows, sourceLocation: sourceLocation)
        let archive = found.archive()
        #expect(
            try archive.changes(after: 0, limit: 99).map(\.id) == Array(1...end),
            sourceLocation: sourceLocation
        )
        let count = try server.query("SELECT count FROM \(direct.schema).change_log")
        #expect(count == "\(end)", sourceLocation: sourceLocation)
    }

    private static let after: [Change] = [
        .user(1, "anna"), .user(2), .user(3), .user(4), .device(1, "phone"),
        .subscription(1, 2, 99), .subscription(1, 4, 5), .subscription(4, 1, 5),
    ]

    /// What was refused is undone with the next commit, and the loss of the session is told once.
    private func expectUndone(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try store.commitAtLast([.device(2, "web")], isRequested: false)
        #expect(remarks.losses == 1, sourceLocation: sourceLocation)
        #expect(remarks.finds == 1, sourceLocation: sourceLocation)
        var expected = Self.before
        expected.insert(.device(2, "web"), at: 4)
        try expect(expected, end: 2, sourceLocation: sourceLocation)
    }

    @Test(
        "Where the database is there at once, it is stored, once, and nobody notices",
        arguments: [DatabaseRelay.Loss.answer, .request],
        [true, false]
    )
    func atOnce(loss: DatabaseRelay.Loss, isRequested: Bool) throws {
        relay.lose(loss, thenShut: false)
        try store.commit(Self.doubtful, isRequested: isRequested)
        #expect(relay.losses == 1)
        #expect(remarks.all == [])
        try expect(Self.after, end: 5)
    }

    @Test(
        "Where the database is away, it is refused, and undone before anything else is stored",
        arguments: [DatabaseRelay.Loss.answer, .request]
    )
    func undone(loss: DatabaseRelay.Loss) throws {
        relay.lose(loss, thenShut: true)
        let erasing: [Change] = [.log(.erase(Name(checked: "bob"), through: 5)), .log(.end(5))]
        #expect(throws: StoreError.self) {
            try store.commit(Self.doubtful + erasing, isRequested: true)
        }
        let found = try server.query("SELECT count(*) FROM \(direct.schema).\"user\"")
        #expect(found == (loss == .answer ? "4" : "3"))
        relay.open()
        try expectUndone()
    }

    @Test(
        "What was refused is stored when it is asked for again",
        arguments: [DatabaseRelay.Loss.answer, .request]
    )
    func retried(loss: DatabaseRelay.Loss) throws {
        relay.lose(loss, thenShut: true)
        #expect(throws: StoreError.self) { try store.commit(Self.doubtful, isRequested: true) }
        relay.open()
        try store.commitAtLast(Self.doubtful)
        try expect(Self.after, end: 5)
    }

    @Test(
        "What is to undo it may be in doubt itself, and more than once",
        arguments: [DatabaseRelay.Loss.answer, .request],
        [DatabaseRelay.Loss.answer, .request]
    )
    func undoingInDoubt(second: DatabaseRelay.Loss, third: DatabaseRelay.Loss) throws {
        relay.lose(.answer, thenShut: true)
        #expect(throws: StoreError.self) { try store.commit(Self.doubtful, isRequested: true) }
        for loss in [second, third] {
            relay.lose(loss, thenShut: false)
            let losses = relay.losses
            relay.open()
            try until("what undoes it is lost, too") {
                #expect(throws: StoreError.self) { try store.commit([.user(9)], isRequested: true) }
                return relay.losses > losses
            }
        }
        try expectUndone()
    }

    @Test(
        "What a device has changed is written again without harm",
        arguments: [DatabaseRelay.Loss.answer, .request]
    )
    func device(loss: DatabaseRelay.Loss) throws {
        relay.lose(loss, thenShut: true)
        let changes: [Change] = [.device(1, "phone"), .device(2, "web")] + Self.log(3...4)
        #expect(throws: StoreError.self) { try store.commit(changes, isRequested: false) }
        relay.open()
        try store.commitAtLast(changes + [.device(3, "tv")], isRequested: false)
        var expected = Self.before
        expected.insert(contentsOf: [.device(2, "web"), .device(3, "tv")], at: 4)
        try expect(expected, end: 4)
    }
}
