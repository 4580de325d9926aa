import GRDB
import Presence
import PresenceStore

/// The files of a store as a bridge leaves them.
struct StoreSample {
    /// How the last bridge ended.
    enum Ending: String, CaseIterable {
        /// In order: everything is in one file.
        case closed
        /// By a kill: the last commits are in the log.
        case killed
        /// By a kill, with nothing but a log worth the name.
        case fresh
    }

    /// The bytes of the file.
    var main: [UInt8]
    /// The bytes of the log; `nil` where there is none.
    var log: [UInt8]?

    /// The samples, made once a process.
    static let all: [Ending: StoreSample] = {
        var all: [Ending: StoreSample] = [:]
        for ending in Ending.allCases { all[ending] = try? StoreSample(ending) }
        return all
    }()

    private init(_ ending: Ending) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let store = try SQLiteStore(path: folder.path("store"), synchronous: .normal)
        try store.replay { _ in }
        try store.commit(Self.changes(1...20))
        if ending != .fresh {
            let neighbour = try DatabaseQueue(path: folder.path("store"))
            try neighbour.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
            try neighbour.close()
        }
        if ending == .killed { try store.commit(Self.changes(15...30)) }
        if ending == .closed { store.close() }
        main = folder.bytes("store") ?? []
        log = ending == .closed ? nil : folder.bytes("store-wal")
        store.close()
    }

    /// Users with devices and subscriptions.
    static func changes(_ ids: ClosedRange<UserID>) -> [Change] {
        var changes: [Change] = [
            .putBroker(BrokerRecord(started: 1_700_000_000, epoch: 3, clock: 1_700_000_009))
        ]
        for id in ids {
            changes.append(
                .putUser(
                    UserRecord(
                        id: id,
                        name: Name(checked: "user-\(id)"),
                        description: id.isMultiple(of: 3) ? "back at \(id)" : "",
                        cause: id.isMultiple(of: 2) ? .lost : nil,
                        since: 1_700_000_000,
                        updated: 1_700_000_000 + Int64(id),
                        seq: 1_700_000_000_000 + Int64(id)
                    )
                )
            )
            changes.append(
                .putDevice(
                    DeviceRecord(
                        user: id,
                        name: Name(checked: "phone"),
                        status: id.isMultiple(of: 2) ? .lost : .online,
                        ttl: id.isMultiple(of: 5) ? 60 : nil,
                        session: id.isMultiple(of: 7) ? "7f3a" : nil,
                        epoch: 3,
                        heard: 1_700_000_000
                    )
                )
            )
        }
        for watcher in ids {
            for user in ids where (watcher + user).isMultiple(of: 4) {
                let record = SubscriptionRecord(
                    watcher: watcher,
                    user: user,
                    expires: 1_800_000_000
                )
                changes.append(.putSubscription(record))
            }
        }
        return changes
    }
}
