import Foundation
import GRDB
import Presence
import Testing

@testable import PresenceStore

@Suite("Failures and neighbours")
struct FailureTests {
    private let folder: TemporaryFolder
    private let store: SQLiteStore

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(path: folder.file("store"), synchronous: .normal)
        try store.commit(Change.some(users: 10))
    }

    /// Another program's connection, which may keep a transaction open.
    private func neighbour() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: folder.file("store"), configuration: configuration)
    }

    /// Works the log into the file, as the store does by itself, and waits until that is done.
    private func checkpoint() throws {
        let queue = try neighbour()
        // SQLite lets nobody wait for a checkpoint that the store is at.
        for _ in 1...1_000 {
            do {
                try queue.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
                return
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                usleep(10_000)
            }
        }
        throw DatabaseError(
            resultCode: .SQLITE_BUSY,
            message: "the store never ends its checkpoint"
        )
    }

    @Test("What was committed survives a kill, whether it was checkpointed or not")
    func killed() throws {
        try folder.copy("store", to: "log")
        try checkpoint()
        try store.commit([.user(11)])
        try folder.copy("store", to: "both")
        #expect(try SQLiteStore.everything(in: folder.file("log")) == Change.some(users: 10))
        let expected = try store.everything()
        #expect(expected.contains(.user(11)))
        #expect(try SQLiteStore.everything(in: folder.file("both")) == expected)
    }

    @Test("What was committed survives a kill while a checkpoint runs on its own thread")
    func killedAtCheckpoint() throws {
        for round in 1...10 {
            let first = UserID(round * 3_000)
            try store.commit((first..<(first + 2_000)).map { .user($0) })
            try store.beginCheckpoint()
            try store.commit([.user(first + 2_000)])
            try folder.copy("store", to: "killed-\(round)")
            let expected = try store.everything()
            #expect(expected.contains(.user(first + 2_000)))
            #expect(try SQLiteStore.everything(in: folder.file("killed-\(round)")) == expected)
        }
    }

    @Test("Closing waits for a checkpoint that was begun, and leaves no log behind")
    func closedAtCheckpoint() throws {
        try store.commit((100...5_000).map { .user($0) })
        let expected = try store.everything()
        try store.beginCheckpoint()
        store.close()
        #expect(try folder.names == ["store"])
        #expect(try SQLiteStore.everything(in: folder.file("store")) == expected)
    }

    @Test("A commit whose last page did not reach the log is as if it had not been")
    func tornLog() throws {
        try folder.copy("store", to: "torn")
        let before = try #require(folder.bytes("torn-wal")).count
        try store.commit([.user(11), .device(11, "phone"), .subscription(1, 11)])
        let log = try #require(folder.bytes("store-wal"))
        try #require(log.count > before)
        try folder.write(log.dropLast(100), to: "torn-wal")
        #expect(try SQLiteStore.everything(in: folder.file("torn")) == Change.some(users: 10))
    }

    @Test("A second bridge is refused, by another name of the file too, until the first one closes")
    func secondBridge() throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"),
            withDestinationPath: folder.file("store")
        )
        for name in [
            "store", "link", "../\(URL(fileURLWithPath: folder.path).lastPathComponent)/store",
        ] {
            #expect(throws: StoreError.inUse(path: folder.file(name))) {
                try SQLiteStore(path: folder.file(name), synchronous: .normal)
            }
        }
        try store.commit([.user(11)])
        store.close()
        #expect(try SQLiteStore.everything(in: folder.file("link")).contains(.user(11)))
    }

    @Test("A bridge that is killed frees the file at once")
    func killedHolder() throws {
        store.close()
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/bin/sh")
        holder.arguments = [
            "-c", "exec 9>\"$1\" && flock -n 9 && echo locked && exec sleep 600", "sh",
            folder.file("store-lock"),
        ]
        let output = Pipe()
        holder.standardOutput = output
        try holder.run()
        #expect(output.fileHandleForReading.availableData == Data("locked\n".utf8))
        #expect(throws: StoreError.inUse(path: folder.file("store"))) {
            try SQLiteStore(path: folder.file("store"), synchronous: .normal)
        }
        kill(holder.processIdentifier, SIGKILL)
        holder.waitUntilExit()
        #expect(try SQLiteStore.everything(in: folder.file("store")) == Change.some(users: 10))
    }

    @Test("Another program may read while the store is open")
    func reader() throws {
        let reader = try DatabaseQueue(path: folder.file("store"))
        let sql = "SELECT count(*) FROM user"
        #expect(try reader.read { try Int.fetchOne($0, sql: sql) } == 10)
        try store.commit([.user(11)])
        #expect(try reader.read { try Int.fetchOne($0, sql: sql) } == 11)
    }

    @Test("While another program writes a commit fails, soon, and afterwards it works")
    func lockedByAnother() throws {
        let other = try neighbour()
        try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        let expected = StoreError.writeFailed(
            path: folder.file("store"),
            reason: "another program has locked it"
        )
        let duration = ContinuousClock().measure {
            #expect(throws: expected) { try store.commit([.user(11), .user(12)]) }
        }
        #expect(duration < .seconds(2))
        #expect(try store.everything() == Change.some(users: 10))
        #expect(store.rows == 120)
        try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try store.commit([.user(11)])
        #expect(store.rows == 121)
    }

    @Test("A store that another program has locked as a whole cannot be read, and says so")
    func lockedAtOpening() throws {
        store.close()
        let other = try neighbour()
        try other.writeWithoutTransaction {
            try $0.execute(
                sql: """
                    PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;
                    """
            )
        }
        let expected = StoreError.cannotOpen(
            path: folder.file("store"),
            reason: "another program has locked it"
        )
        #expect(throws: expected) {
            try SQLiteStore(path: folder.file("store"), synchronous: .normal)
        }
    }

    @Test("A commit that fails half way leaves nothing of itself")
    func allOrNothing() throws {
        _ = try store.value(
            of: """
                CREATE TRIGGER stop BEFORE INSERT ON subscription_run WHEN new.id >> 32 = 11 \
                BEGIN SELECT raise(ABORT, 'stop'); END
                """
        )
        let batch: [Change] = [
            .user(11), .device(11, "phone"), .putBroker(BrokerRecord(epoch: 9)),
            .removeSubscription(watcher: 10, user: 1),
            .subscription(11, 1), .subscription(11, 5),
        ]
        let error = #expect(throws: StoreError.self) { try store.commit(batch) }
        guard case .writeFailed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try store.everything() == Change.some(users: 10))
        try store.commit(batch.dropLast(2))
        #expect(try store.everything().contains(.user(11)))
    }

    @Test("A store that may not grow says that it is full, keeps what it has, and goes on later")
    func pagesUsedUp() throws {
        _ = try store.value(of: "PRAGMA max_page_count = 12")
        let many = (100...5_000).map { Change.user($0) }
        #expect(throws: StoreError.full(path: folder.file("store"))) { try store.commit(many) }
        #expect(try store.everything() == Change.some(users: 10))
        _ = try store.value(of: "PRAGMA max_page_count = 10000")
        try store.commit(many)
        #expect(store.rows == 120 + 4_901)
    }

    @Test("The log stays bounded without a checkpoint, and a checkpoint lets it begin anew")
    func logSize() throws {
        var size: Int64 { StoreFile.size(of: folder.file("store-wal")) ?? 0 }
        try store.commit((1...20_000).map { .user($0) })
        try checkpoint()
        let once = size
        for _ in 1...5 {
            try store.commit((1...20_000).map { .user($0, "other-\($0)") })
            try checkpoint()
        }
        #expect(size < once * 2)
    }
}

@Suite("A full disk", .enabled(if: geteuid() == 0, "mounting a small disk needs the superuser"))
struct FullDiskTests {
    @Test("On a full disk commits fail whole, what was committed stays, and they work again later")
    func fullDisk() throws {
        let folder = try TemporaryFolder()
        guard let disk = try SmallDisk(folder) else { return }
        let path = disk.path + "/store"
        let store = try SQLiteStore(path: path, synchronous: .full)
        try store.replay { _ in }
        try folder.write([UInt8](repeating: 1, count: 500_000), to: "disk/ballast")
        var committed: UserID = 0
        #expect(throws: StoreError.full(path: path)) {
            while committed < 100_000 {
                try store.commit((committed + 1...committed + 100).map { .user($0) })
                committed += 100
            }
        }
        #expect(committed > 100)
        for _ in 1...3 {
            #expect(throws: StoreError.full(path: path)) {
                try store.commit((committed + 1...committed + 3_000).map { .user($0) })
            }
        }
        try? store.beginCheckpoint()
        #expect(try store.everything() == (1...committed).map { .user($0) })
        try folder.copy("disk/store", to: "killed")
        #expect(
            try SQLiteStore.everything(in: folder.file("killed"))
                == (1...committed).map { .user($0) }
        )
        try FileManager.default.removeItem(atPath: folder.file("disk/ballast"))
        try store.commit((committed + 1...committed + 100).map { .user($0) })
        store.close()
        #expect(try SQLiteStore.everything(in: path) == (1...committed + 100).map { .user($0) })
    }

    @Test("A store that finds no room to be made says so and leaves nothing")
    func noRoom() throws {
        let folder = try TemporaryFolder()
        guard let disk = try SmallDisk(folder) else { return }
        try? folder.write([UInt8](repeating: 1, count: 1_040_000), to: "disk/ballast")
        #expect(throws: StoreError.full(path: disk.path + "/store")) {
            try SQLiteStore(path: disk.path + "/store", synchronous: .full)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["ballast"])
    }
}
