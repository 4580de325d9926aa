import Foundation
import Presence

@testable import PresenceStore

/// A folder that goes with the test.
final class TemporaryFolder {
    let path: String

    /// Makes one.
    ///
    /// - Parameter isQuick: whether it is in memory where that can be had, for thousands of files that are
    ///   each synced.
    init(isQuick: Bool = false) throws {
        let memory = "/dev/shm"
        let hasMemory = isQuick && access(memory, W_OK) == 0
        let url = URL(fileURLWithPath: hasMemory ? memory : NSTemporaryDirectory())
            .appendingPathComponent("presence-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in it.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The names of everything in it, sorted.
    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    /// Copies the database, its log and its journal as they are, as if the process that has them open were
    /// gone.
    func copy(
        _ name: String,
        to other: String,
        suffixes: [String] = ["", "-wal"] + Journal.suffixes
    ) throws {
        for suffix in suffixes where FileManager.default.fileExists(atPath: file(name + suffix)) {
            try FileManager.default.copyItem(
                atPath: file(name + suffix),
                toPath: file(other + suffix)
            )
        }
    }

    /// The bytes of a file, `nil` if there is none.
    func bytes(_ name: String) -> Data? { FileManager.default.contents(atPath: file(name)) }

    /// Writes a file.
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    }
}

extension SQLiteStore {
    /// Opens a store, reads everything and closes it.
    static func everything(in path: String) throws -> [Change] {
        let store = try SQLiteStore(path: path, synchronous: .normal)
        defer { store.close() }
        return try store.everything()
    }
}

extension Change {
    /// A user of whom the name is known.
    static func user(_ id: UserID, _ name: String? = nil) -> Change {
        .putUser(UserRecord(id: id, name: Name(checked: name ?? "user-\(id)")))
    }

    /// A device that said online.
    static func device(_ user: UserID, _ name: String) -> Change {
        .putDevice(
            DeviceRecord(
                user: user,
                name: Name(checked: name),
                status: .online,
                epoch: 1,
                heard: 1_700_000_000
            )
        )
    }

    /// A subscription.
    static func subscription(_ watcher: UserID, _ user: UserID, _ expires: Int64 = 1) -> Change {
        .putSubscription(SubscriptionRecord(watcher: watcher, user: user, expires: expires))
    }

    /// Some of everything, in the order of a replay: as many users as asked for, each with a device
    /// and ten subscriptions.
    static func some(users: UserID) -> [Change] {
        let ids = 1...users
        let watched = ids.prefix(10)
        return [.putBroker(BrokerRecord(started: 5, epoch: 2, clock: 7))]
            + ids.map { .user($0) }
            + ids.map { .device($0, "phone") }
            + ids.flatMap { watcher in watched.map { .subscription(watcher, $0) } }
    }
}
