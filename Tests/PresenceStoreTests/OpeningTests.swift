import Foundation
import GRDB
import Presence
import Testing

@testable import PresenceStore

@Suite("Opening")
struct OpeningTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open(_ name: String = "store") throws -> SQLiteStore {
        try SQLiteStore(path: folder.file(name), synchronous: .normal)
    }

    /// A closed store with some rows.
    private func makeStore() throws {
        let store = try open()
        try store.commit(Change.some(users: 400))
        store.close()
    }

    /// Runs SQL in the file as another program would.
    private func edit(_ sql: String, in name: String = "store") throws {
        let queue = try DatabaseQueue(path: folder.file(name))
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    /// Opens, reads, and returns the error; checks that nothing in the folder has changed.
    private func refusal(_ name: String = "store") throws -> StoreError? {
        let before = try folder.names.map { folder.bytes($0) }
        let names = try folder.names
        var refusal: StoreError?
        do throws(StoreError) {
            let store = try SQLiteStore(path: folder.file(name), synchronous: .normal)
            try store.replay { _ in }
            store.close()
        } catch {
            refusal = error
        }
        #expect(try folder.names == names)
        #expect(try folder.names.map { folder.bytes($0) } == before)
        return refusal
    }

    @Test("An empty file becomes a store")
    func emptyFile() throws {
        try folder.write([], to: "store")
        let store = try open()
        try store.commit([.user(1)])
        store.close()
        #expect(try SQLiteStore.everything(in: folder.file("store")) == [.user(1)])
    }

    @Test("A log without its database is not taken for the new one's")
    func strayLog() throws {
        let store = try open()
        try store.commit([.user(1)])
        try folder.copy("store", to: "other")
        store.close()
        try FileManager.default.removeItem(atPath: folder.file("other"))
        #expect(try #require(folder.bytes("other-wal")).count > 0)
        #expect(try SQLiteStore.everything(in: folder.file("other")) == [])
    }

    @Test("Only the store's own file is left after closing")
    func closing() throws {
        try makeStore()
        #expect(try folder.names == ["store"])
    }

    @Test(
        "A file that is no database is refused and left as it is",
        arguments: ["a", "listener 1883\n", String(repeating: "text ", count: 4_000)]
    )
    func textFile(_ text: String) throws {
        try folder.write(text.utf8, to: "store")
        #expect(try refusal() == .notADatabase(path: folder.file("store")))
    }

    @Test("A database of another program is refused and left as it is", arguments: [0, 42])
    func otherApplication(_ id: UInt32) throws {
        try edit("CREATE TABLE t (x); PRAGMA application_id = \(id)")
        #expect(try refusal() == .otherApplication(path: folder.file("store"), id: id))
    }

    @Test("A store of a later release is refused and left as it is")
    func newerVersion() throws {
        try makeStore()
        try edit("PRAGMA user_version = 8")
        let expected = StoreError.newerVersion(path: folder.file("store"), found: 8, known: 7)
        #expect(try refusal() == expected)
        #expect("\(expected)".contains("version 8"))
    }

    @Test("A later version that only the log knows is refused; file and log are left as they are")
    func newerVersionInLog() throws {
        try makeStore()
        let queue = try DatabaseQueue(path: folder.file("store"))
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 9") }
        try folder.copy("store", to: "killed")
        try queue.close()
        try FileManager.default.removeItem(atPath: folder.file("store"))
        #expect(try #require(FileHeader(Array(folder.bytes("killed") ?? Data()))).version == 7)
        let expected = StoreError.newerVersion(path: folder.file("killed"), found: 9, known: 7)
        #expect(try refusal("killed") == expected)
    }

    @Test("A version below the first is damage")
    func versionZero() throws {
        try makeStore()
        try edit("PRAGMA user_version = 0")
        guard case .damaged = try refusal() else {
            Issue.record("taken")
            return
        }
    }

    @Test("A truncated store is refused and left as it is", arguments: [100, 5_000, -4_096, -1])
    func truncated(_ length: Int) throws {
        try makeStore()
        let bytes = try #require(folder.bytes("store"))
        try folder.write(bytes.prefix(length < 0 ? bytes.count + length : length), to: "store")
        guard case .damaged(folder.file("store"), let reason) = try refusal() else {
            Issue.record("taken")
            return
        }
        #expect(reason.contains("of \(bytes.count)"))
    }

    @Test("Garbage in any page is found, and the store left as it is")
    func garbage() throws {
        try makeStore()
        let bytes = try #require(folder.bytes("store"))
        let pages = bytes.count / 4_096
        try #require(pages > 15)
        for page in 1..<pages {
            var garbled = bytes
            for place in 0..<4_096 {
                garbled[page * 4_096 + place] = UInt8(truncatingIfNeeded: place &* 167 &+ 13)
            }
            try folder.write(garbled, to: "store")
            guard case .damaged = try refusal() else {
                Issue.record("page \(page) of \(pages) taken")
                continue
            }
        }
    }

    @Test("Damage is found while a log of a killed bridge waits, and both are left as they are")
    func garbageBesideLog() throws {
        try makeStore()
        let store = try open()
        try store.commit([.user(3_000)])
        try folder.copy("store", to: "killed")
        store.close()
        try FileManager.default.removeItem(atPath: folder.file("store"))
        var bytes = try #require(folder.bytes("killed"))
        for place in bytes.count / 2..<bytes.count / 2 + 8_192 { bytes[place] = 0xA5 }
        try folder.write(bytes, to: "killed")
        guard case .damaged = try refusal("killed") else {
            Issue.record("taken")
            return
        }
    }

    @Test("A file that SQLite would only read is refused", arguments: [18, 19])
    func readOnlyForm(_ place: Int) throws {
        try makeStore()
        var bytes = try #require(folder.bytes("store"))
        bytes[place] = 3
        try folder.write(bytes, to: "store")
        guard case .damaged = try refusal() else {
            Issue.record("taken")
            return
        }
    }

    @Test("A byte changed anywhere crashes nothing")
    func flippedBytes() throws {
        let store = try open()
        try store.commit(Change.some(users: 20))
        store.close()
        let bytes = try #require(folder.bytes("store"))
        for place in stride(from: 0, to: bytes.count, by: 37) {
            var flipped = bytes
            flipped[place] ^= 0xFF
            try folder.write(flipped, to: "store")
            if let store = try? open() {
                try? store.replay { _ in }
                try? store.commit([.user(21)])
                store.close()
            }
        }
    }

    @Test(
        "Values that no bridge writes are damage",
        arguments: [
            "UPDATE user SET id = -1 WHERE id = 3", "UPDATE user SET id = 4294967296 WHERE id = 3",
            "INSERT INTO user (id, name, description, seq) VALUES (0, 'zero', '', 0)",
            "INSERT INTO user (id, name, description, seq) VALUES (268435457, 'far', '', 0)",
            "UPDATE user SET name = 'a/b' WHERE id = 3", "UPDATE user SET name = '' WHERE id = 3",
            "UPDATE user SET name = CAST(x'FF' AS TEXT) WHERE id = 3",
            "UPDATE user SET cause = 'boredom' WHERE id = 3",
            "UPDATE user SET seq = -1 WHERE id = 3",
            "UPDATE user SET since = 9223372036854775807 WHERE id = 3",
            "UPDATE device SET name = '$x' WHERE user_id = 3",
            "UPDATE device SET status = 'On Line' WHERE user_id = 3",
            "UPDATE device SET ttl = 9223372036854775807 WHERE user_id = 3",
            "UPDATE device SET user_id = 2001 WHERE user_id = 3",
            "UPDATE broker SET epoch = -1", "DROP TABLE device",
            "DROP TABLE journal", "DELETE FROM journal", "UPDATE journal SET applied = -1",
            "UPDATE journal SET applied = 9223372036854775807",
            // Numbers that could not rise any more.
            "UPDATE user SET seq = 9007199254740992 WHERE id = 3",
            "UPDATE broker SET epoch = 9007199254740992",
            "UPDATE broker SET mark = 9007199254740992", "UPDATE broker SET kept = 3",
            "UPDATE broker SET last_start = 9223372036854775807",
            """
            PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '');
            PRAGMA writable_schema = RESET; UPDATE subscription_run SET entries = NULL
            """,
            """
            PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') \
            WHERE name = 'user'; PRAGMA writable_schema = RESET; UPDATE user SET seq = 'many'
            """,
        ]
    )
    func wrongValues(_ sql: String) throws {
        try makeStore()
        #expect(try refusal() == nil)
        try edit(sql)
        guard case .damaged(folder.file("store"), let reason) = try refusal() else {
            Issue.record("taken")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("A folder, a missing folder, an empty path and a device are refused")
    func noFile() throws {
        let paths = [
            folder.path, folder.path + "/", folder.file("missing/store"), "", "/dev/null",
            folder.file("link"),
        ]
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"),
            withDestinationPath: folder.file("nowhere")
        )
        for path in paths {
            let error = #expect(throws: StoreError.self) {
                try SQLiteStore(path: path, synchronous: .normal)
            }
            guard case .cannotOpen = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
        }
        #expect(try folder.names == ["link"])
    }

    @Test("A folder in which nothing can be made is refused")
    func unwritableFolder() throws {
        // The superuser may write in every folder but the kernel's.
        let place = geteuid() == 0 ? "/sys/kernel" : folder.path
        chmod(folder.path, 0o555)
        defer { chmod(folder.path, 0o755) }
        let error = #expect(throws: StoreError.self) {
            try SQLiteStore(path: place + "/store", synchronous: .normal)
        }
        guard case .cannotOpen(place + "/store", let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("denied"))
    }

    @Test("The pragmas are what was asked for", arguments: [true, false])
    func pragmas(_ isFull: Bool) throws {
        let store = try SQLiteStore(
            path: folder.file("store"),
            synchronous: isFull ? .full : .normal
        )
        try store.replay { _ in }
        #expect(try store.value(of: "PRAGMA synchronous") == (isFull ? 2 : 1).databaseValue)
        #expect(try store.value(of: "PRAGMA journal_mode") == "wal".databaseValue)
        #expect(try store.value(of: "PRAGMA busy_timeout") == 100.databaseValue)
        #expect(try store.value(of: "PRAGMA wal_autocheckpoint") == 16_384.databaseValue)
    }

    @Test("A store that another program took out of log mode goes on")
    func otherMode() throws {
        try makeStore()
        try edit("PRAGMA journal_mode = DELETE")
        let store = try open()
        #expect(try store.everything() == Change.some(users: 400))
        try store.commit([.user(1, "new")])
        #expect(try store.value(of: "PRAGMA journal_mode") == "wal".databaseValue)
    }
}
