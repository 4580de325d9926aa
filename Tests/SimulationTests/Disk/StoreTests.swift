import BrokerFixture
import DatabaseFixture
import Foundation
import PostgreSQL
import Presence
import PresenceBridge
import PresenceStore
import Simulation
import Testing

/// What the shell builds on, held by both kinds of store.
@Suite("A store: SQLite's, with and without a journal, PostgreSQL's, and the simulated one")
struct StoreTests {
    /// A place to keep things in, and how to open it.
    enum Kind: CaseIterable, Sendable {
        case sqlite, journaled, postgreSQL, simulated

        /// Those that can be had here.
        static var here: [Kind] {
            allCases.filter { $0 != .postgreSQL || DatabaseServer.isUsed }
        }

        func place() throws -> () throws -> any Store {
            switch self {
            case .sqlite:
                let folder = try TemporaryFolder()
                return { try SQLiteStore(path: folder.file("store"), synchronous: .normal) }
            case .journaled:
                let folder = try TemporaryFolder()
                return {
                    try JournaledStore(
                        path: folder.file("store"),
                        synchronous: .normal,
                        onRemark: { Issue.record("\($0)") }
                    )
                }
            case .postgreSQL:
                let server = try DatabaseServer.shared.get()
                let address = DatabaseAddress(
                    try ConnectionString(server.uri),
                    schema: server.newSchema()
                )
                return {
                    let member = Member("bridge", lease: 5_000)
                    let candidacy = Candidacy(address, of: member) { Issue.record("\($0)") }
                    // The server may still be about to end the session before.
                    let deadline = ContinuousClock.now + .seconds(20)
                    while ContinuousClock.now < deadline {
                        if case .owns(let store) = try candidacy.look() { return store }
                        usleep(5_000)
                    }
                    throw FixtureError("another bridge has the store")
                }
            case .simulated:
                let disk = SimulatedDisk()
                return { SimulatedStore(disk) }
            }
        }
    }

    private static func user(_ id: UserID, _ name: String, seq: Int64 = 0) -> Change {
        .putUser(UserRecord(id: id, name: Name(checked: name), seq: seq))
    }

    private static func device(_ user: UserID, _ name: String) -> Change {
        .putDevice(
            DeviceRecord(
                user: user,
                name: Name(checked: name),
                status: .online,
                session: "s",
                epoch: 2,
                heard: 7
            )
        )
    }

    private static func subscription(_ watcher: UserID, _ user: UserID, _ end: Int64) -> Change {
        .putSubscription(SubscriptionRecord(watcher: watcher, user: user, expires: end))
    }

    /// One of each, in the order in which a store hands them out.
    private static let everything: [Change] = [
        .putBroker(BrokerRecord(started: 5, epoch: 2, clock: 9)),
        user(1, "alice", seq: 3), user(2, "e\u{301}"), user(3, "\u{E9}"),
        device(1, "phone"), device(2, "a"), device(2, "b"),
        subscription(1, .everyone, 10), subscription(1, 2, 20), subscription(2, 1, 30),
    ]

    private func read(_ store: any Store) throws -> [Change] {
        var changes: [Change] = []
        try store.replay(
            { changes.append($0) },
            subscriptions: { $1.replay(of: $0) { changes.append($0) } }
        )
        return changes
    }

    @Test(
        "Hands out everything that was put, in one order, also after it was opened again",
        arguments: Kind.here,
        [true, false]
    )
    func replay(kind: Kind, isRequested: Bool) throws {
        let open = try kind.place()
        let store = try open()
        #expect(try read(store) == [])
        try store.commit(Self.everything.shuffled(), isRequested: isRequested)
        #expect(try read(store) == Self.everything)
        #expect(store.rows == 9)
        store.close()
        let again = try open()
        #expect(try read(again) == Self.everything)
        #expect(again.rows == 9)
        again.close()
    }

    @Test(
        "Of changes under one key the last counts, in one commit and in several",
        arguments: Kind.here,
        [true, false]
    )
    func keys(kind: Kind, isRequested: Bool) throws {
        let open = try kind.place()
        let store = try open()
        try store.commit(Self.everything, isRequested: isRequested)
        let changes: [Change] = [
            Self.user(1, "anna"), Self.user(4, "dave"), .removeUser(4), Self.subscription(1, 2, 99),
            .removeSubscription(watcher: 2, user: 1), Self.subscription(2, 1, 31),
            .removeDevice(user: 2, name: Name(checked: "b")), .removeUser(3),
            .removeDevice(user: 3, name: Name(checked: "none")),
        ]
        try store.commit(changes, isRequested: isRequested)
        store.beginApplying()
        try store.commit([], isRequested: isRequested)
        var expected = Self.everything
        expected[1] = Self.user(1, "anna")
        expected[8] = Self.subscription(1, 2, 99)
        expected[9] = Self.subscription(2, 1, 31)
        expected.remove(at: 6)
        expected.remove(at: 3)
        #expect(try read(store) == expected)
        #expect(store.rows == 7)
        try store.beginCheckpoint()
        #expect(try read(store) == expected)
        store.close()
        let again = try open()
        #expect(try read(again) == expected)
        again.close()
    }

    @Test(
        "Once closed it refuses, and leaves the place to the next one",
        arguments: Kind.here,
        [true, false]
    )
    func closing(kind: Kind, isRequested: Bool) throws {
        let open = try kind.place()
        let store = try open()
        try store.commit(Self.everything, isRequested: isRequested)
        store.close()
        store.close()
        #expect(throws: StoreError.self) {
            try store.commit([Self.user(9, "late")], isRequested: isRequested)
        }
        #expect(throws: StoreError.self) { try store.replay({ _ in }, subscriptions: { _, _ in }) }
        let next = try open()
        #expect(try read(next) == Self.everything)
        next.close()
    }
}
