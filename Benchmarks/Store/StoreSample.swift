import BrokerFixture
import DatabaseFixture
import Foundation
import PostgreSQL
import Presence
import PresenceStore

/// A store as a large service has it: everybody was online once, some are now, with a device each,
/// and everybody watches some others.
struct StoreSample {
    /// How many users are known.
    let users: Int
    /// How many of them are online; those with the lowest numbers.
    let online: Int
    /// How many subscriptions there are, the same number for each user.
    let subscriptions: Int
    /// The Unix second at which all of it happened.
    var second = Int64(Date().timeIntervalSince1970) - 3_600

    /// How many rows that is.
    var rows: Int { users + online + subscriptions }

    /// The name of the user with a number.
    static func name(_ id: UserID) -> String { "user-\(id)" }

    /// The record of a user.
    func user(_ id: UserID) -> UserRecord {
        UserRecord(
            id: id,
            name: Name(checked: Self.name(id)),
            cause: id > online ? .logout : nil,
            since: second,
            updated: second,
            seq: second * 1_000
        )
    }

    /// The status of a user, as the bridge has retained it.
    func status(_ id: UserID) -> UserStatus {
        let record = user(id)
        var status = UserStatus(username: record.name)
        status.cause = record.cause
        status.since = record.since
        status.updated = record.updated
        status.seq = record.seq
        if id <= online {
            status.devices = [DeviceStatus(name: Name(checked: "phone"), status: .online)]
        }
        return status
    }

    /// Whom a user watches: spread evenly over all, each once, sorted.
    func watched(by id: UserID) -> [UserID] {
        let count = UInt64(subscriptions / users)
        let stride = UInt64(users) / max(1, count)
        // Another place in each stretch of users, so that no two lists are alike.
        var state = UInt64(id) &* 0x9E37_79B9_7F4A_7C15
        return (0..<count).map { place in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UserID(1 + place * stride + state % stride)
        }
    }

    /// Writes a file, through the store itself.
    func write(to path: String) throws {
        let store = try SQLiteStore(path: path, synchronous: .normal)
        defer { store.close() }
        try write(inGroupsOf: 200_000) { try store.commit($0) }
    }

    /// Writes a schema of a database, through the store itself, which takes no more at a time than in a second.
    func write(to server: DatabaseServer) throws {
        let address = DatabaseAddress(try ConnectionString(server.uri))
        let candidacy = Candidacy(address, of: Member("bench", lease: 5_000)) { _ in }
        guard case .owns(let store) = try candidacy.look() else {
            throw FixtureError("another bridge has the database")
        }
        defer { store.close() }
        try store.replay({ _ in }, subscriptions: { _, _ in })
        try write(inGroupsOf: 10_000) { try store.commit($0, isRequested: false) }
        try server.query("VACUUM ANALYZE")
    }

    private func write(inGroupsOf size: Int, _ commit: ([Change]) throws -> Void) throws {
        try commit([.putBroker(BrokerRecord(epoch: 1, clock: second))])
        var batch: [Change] = []
        func put(_ change: Change) throws {
            batch.append(change)
            if batch.count == size { try flush() }
        }
        func flush() throws {
            try commit(batch)
            batch.removeAll(keepingCapacity: true)
        }
        for id in 1...UserID(users) { try put(.putUser(user(id))) }
        for id in 1...UserID(max(1, online)) where online > 0 {
            try put(.putDevice(device(of: id)))
        }
        for id in 1...UserID(users) {
            for record in subscriptions(of: id) { try put(.putSubscription(record)) }
        }
        try flush()
    }

    /// Writes the subscriptions as single rows, as stores before version 5 have them.
    func writeSubscriptions(to store: PlainSQLite) throws {
        let size = 10_000
        for first in stride(from: 1, through: users, by: size) {
            let rows = (first..<min(first + size, users + 1)).flatMap { id in
                subscriptions(of: UserID(id))
            }
            try store.write(rows, inGroupsOf: 100_000)
        }
    }

    private func subscriptions(of id: UserID) -> [SubscriptionRecord] {
        watched(by: id).map { other in
            SubscriptionRecord(watcher: id, user: other, expires: second + 604_800)
        }
    }

    private func device(of id: UserID) -> DeviceRecord {
        DeviceRecord(
            user: id,
            name: Name(checked: "phone"),
            status: .online,
            epoch: 1,
            heard: second
        )
    }
}
