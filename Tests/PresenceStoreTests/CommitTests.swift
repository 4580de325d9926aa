import Presence
import Testing

@testable import PresenceStore

@Suite("Commit and replay")
struct CommitTests {
    private static let changes: [Change] = [
        .putBroker(
            BrokerRecord(
                started: 1_700_000_000,
                epoch: 3,
                clock: 1_700_000_009,
                kept: .nothing,
                mark: 1_700_000_000_123,
                markedTopic: "presence/bridge/b"
            )
        ),
        .putUser(UserRecord(id: 1, name: Name(checked: "alice"))),
        .putUser(
            UserRecord(
                id: .last,
                name: Name(checked: "bj\u{F6}rn"),
                description: "back\0at 5 \u{1F600}",
                descriptionExpires: 1_700_000_100,
                cause: .ttl,
                since: 0,
                updated: 253_402_300_799,
                seq: 1 << 52
            )
        ),
        .putDevice(
            DeviceRecord(
                user: 1,
                name: Name(checked: "phone"),
                status: StatusWord(checked: "away"),
                ttl: 86_400,
                session: "7f\0" + String(repeating: "x", count: 61),
                epoch: 3,
                heard: 1_700_000_001
            )
        ),
        .device(1, "web"),
        .putDevice(
            DeviceRecord(
                user: .last,
                name: Name(checked: "a"),
                status: .invisible,
                session: "",
                epoch: 0,
                heard: 0
            )
        ),
        .subscription(1, .everyone, 1_700_000_000),
        .subscription(1, .last, 0),
        .subscription(.last, 1, 253_402_300_799),
    ]

    @Test("A new store has nothing", arguments: Engine.here)
    func newStore(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        #expect(try store.everything() == [])
        #expect(store.rows == 0)
    }

    @Test(
        "Everything put comes back, every field as it was, also after reopening",
        arguments: Engine.here
    )
    func roundTrip(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        try store.commit(Self.changes.shuffled())
        #expect(try store.everything() == Self.changes)
        store.close()
        #expect(try place.everything() == Self.changes)
    }

    @Test("Every cause comes back", arguments: Engine.here, Cause.allCases)
    func causes(engine: Engine, cause: Cause) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        let user = UserRecord(id: 1, name: Name(checked: "alice"), cause: cause)
        try store.commit([.putUser(user)])
        #expect(try store.everything() == [.putUser(user)])
    }

    @Test("A broker that never told its start has none", arguments: Engine.here)
    func brokerWithoutStart(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        try store.commit([.putBroker(BrokerRecord(started: 4))])
        try store.commit([.putBroker(BrokerRecord())])
        #expect(try store.everything() == [.putBroker(BrokerRecord())])
    }

    @Test("Names that differ in bytes alone are two devices", arguments: Engine.here)
    func bytewiseNames(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        let changes: [Change] = [
            .user(1), .device(1, "Phone"), .device(1, "e\u{301}"), .device(1, "phone"),
            .device(1, "\u{E9}"),
        ]
        try store.commit(changes)
        #expect(try store.everything() == changes)
    }

    @Test(
        "A put replaces all that was stored under the key, in a later commit too",
        arguments: Engine.here
    )
    func replacing(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        try store.commit(Self.changes)
        var user = UserRecord(id: .last, name: Name(checked: "bob"), seq: 9)
        user.since = 4
        try store.commit([.putUser(user), .subscription(1, .last, 77)])
        var expected = Self.changes
        expected[2] = .putUser(user)
        expected[7] = .subscription(1, .last, 77)
        #expect(try store.everything() == expected)
        #expect(store.rows == 8)
    }

    @Test("What is removed is gone, and what is not there can be removed", arguments: Engine.here)
    func removing(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        try store.commit(Self.changes)
        try store.commit([
            .removeSubscription(watcher: .last, user: 1),
            .removeSubscription(watcher: 1, user: .last),
            .removeSubscription(watcher: 9, user: 1),
            .removeDevice(user: .last, name: Name(checked: "a")),
            .removeDevice(user: 1, name: Name(checked: "A")),
            .removeUser(.last), .removeUser(9),
        ])
        #expect(try store.everything() == [0, 1, 3, 4, 6].map { Self.changes[$0] })
    }

    @Test("Of changes with one key in one commit the last counts", arguments: Engine.here)
    func lastCounts(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        let phone = Name(checked: "phone")
        try store.commit([
            .user(1, "old"), .user(2), .removeUser(1), .user(1, "new"), .removeUser(2),
            .device(1, "phone"), .removeDevice(user: 1, name: phone),
            .removeSubscription(watcher: 1, user: 0), .subscription(1, 0, 5),
            .subscription(1, 0, 6), .putBroker(BrokerRecord(epoch: 5)), .putBroker(BrokerRecord()),
        ])
        #expect(
            try store.everything() == [
                .putBroker(BrokerRecord()), .user(1, "new"), .subscription(1, 0, 6),
            ]
        )
    }

    @Test("The rows are counted, before and after a replay", arguments: Engine.here)
    func rows(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        try store.commit(Change.some(users: 3))
        #expect(store.rows == 3 + 3 + 9)
        try store.commit([.removeSubscription(watcher: 1, user: 1), .user(4), .user(1)])
        #expect(store.rows == 15)
        store.close()
        let again = try place.open()
        #expect(try again.everything().count == 16)
        #expect(again.rows == 15)
    }

    @Test(
        "A record that breaks a rule is refused, with all of its commit",
        arguments: Engine.here,
        Self.flawed
    )
    func refusing(engine: Engine, change: Change) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        #expect(throws: StoreError.self) { try store.commit([.user(1), change]) }
        #expect(try store.everything() == [])
    }

    private static let flawed: [Change] = [
        .user(0), .user(.last + 1), .user(2, ""), .user(2, "a/b"), .device(1, ""),
        .device(0, "phone"),
        .subscription(0, 1), .subscription(.last + 1, 1), .subscription(1, .last + 1),
        .subscription(1, 2, -1), .subscription(1, 2, .max),
        .putBroker(BrokerRecord(epoch: -1)), .putBroker(BrokerRecord(clock: -1)),
        .putBroker(BrokerRecord(mark: -1)),
        .putUser(UserRecord(id: 2, name: Name(checked: "bob"), seq: .max)),
        .putUser(UserRecord(id: 2, name: Name(checked: "bob"), updated: .min)),
        .putDevice(
            DeviceRecord(
                user: 1,
                name: Name(checked: "x"),
                status: StatusWord(checked: "On"),
                epoch: 1,
                heard: 1
            )
        ),
    ]

    @Test("A store in memory keeps to itself")
    func inMemory() throws {
        let store = try SQLiteStore(path: ":memory:", synchronous: .full)
        try store.commit(Self.changes)
        try store.beginCheckpoint()
        #expect(try store.everything() == Self.changes)
        #expect(try SQLiteStore.everything(in: ":memory:") == [])
    }

    @Test("After it was closed a store refuses", arguments: Engine.here)
    func closed(engine: Engine) throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        store.close()
        store.close()
        #expect(throws: StoreError.self) { try store.commit([.user(1)]) }
        #expect(throws: StoreError.self) { try store.everything() }
        if let folder = place.folder { #expect(try folder.names == ["store"]) }
    }
}

extension UserID {
    /// The highest number that a user may have.
    fileprivate static let last: UserID = 1 << 28
}
