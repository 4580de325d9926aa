import Foundation
import GRDB
import Presence
import Testing

@testable import PresenceStore

@Suite("A store with a journal")
struct JournaledStoreTests {
    /// What was remarked, in a box that a closure fills.
    private final class Remarks {
        var all: [StoreRemark] = []
    }

    private let folder: TemporaryFolder
    private let store: JournaledStore
    private let remarks = Remarks()
    private static let some = Change.some(users: 10)

    init() throws {
        folder = try TemporaryFolder()
        store = try JournaledStore(path: folder.file("store"), synchronous: .normal) {
            [remarks] in remarks.all.append($0)
        }
        try store.replay { _ in }
        try store.commit(Self.some, isRequested: true)
    }

    /// What SQLite has, as another program sees it.
    private func user(_ id: UserID, in name: String = "store") throws -> String? {
        let queue = try DatabaseQueue(path: folder.file(name))
        return try queue.read {
            try String.fetchOne($0, sql: "SELECT name FROM user WHERE id = ?", arguments: [id])
        }
    }

    /// The numbers of bytes of both files.
    private var lengths: [Int?] {
        ["store-turns-1", "store-turns-2"].map { folder.bytes($0)?.count }
    }

    /// Another program's transaction, which keeps everyone else from writing until it is closed.
    private func lock() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let queue = try DatabaseQueue(path: folder.file("store"), configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        return queue
    }

    @Test("What devices change is in the journal alone, until it is brought in")
    func journaled() throws {
        try store.commit([.user(1, "new")], isRequested: false)
        #expect(try user(1) == "user-1")
        #expect(lengths[0] ?? 0 > 0)
        store.beginApplying()
        store.finishApplying()
        #expect(try user(1) == "new")
        #expect(lengths[0] == 0)
    }

    @Test("What a request changes is in SQLite at once, with all that was journaled before")
    func requested() throws {
        try store.commit([.user(1, "one"), .user(2, "one")], isRequested: false)
        try store.commit([.user(2, "two")], isRequested: true)
        #expect(try user(1) == "one")
        #expect(try user(2) == "two")
        #expect(lengths[0] == 0)
        try folder.copy("store", to: "killed")
        let (everything, remarks) = try JournaledStore.next(folder.file("killed"))
        #expect(everything.contains(.user(1, "one")) && everything.contains(.user(2, "two")))
        #expect(remarks == [])
    }

    @Test("While one file is brought in, turns go to the other one, and both survive a kill")
    func inTurns() throws {
        let lock = try lock()
        try store.commit([.user(1, "one"), .user(2, "one")], isRequested: false)
        store.beginApplying()
        try store.commit([.user(2, "two"), .user(3, "two")], isRequested: false)
        store.finishApplying()
        #expect(lengths.allSatisfy { $0 ?? 0 > 0 })
        try lock.close()
        try folder.copy("store", to: "killed")
        let (everything, remarks) = try JournaledStore.next(folder.file("killed"))
        for user in [Change.user(1, "one"), .user(2, "two"), .user(3, "two")] {
            #expect(everything.contains(user))
        }
        #expect(remarks == [.broughtIn(turns: 2)])
    }

    @Test("A file that was brought in and not emptied is not brought in over what came later")
    func notEmptied() throws {
        try store.commit([.user(1, "old"), .user(2, "old")], isRequested: false)
        try folder.copy("store", to: "killed", suffixes: Journal.suffixes)
        try store.commit([.user(1, "new")], isRequested: true)
        try folder.copy("store", to: "killed", suffixes: ["", "-wal"])
        let (everything, remarks) = try JournaledStore.next(folder.file("killed"))
        #expect(everything.contains(.user(1, "new")) && everything.contains(.user(2, "old")))
        #expect(remarks == [])
        #expect(try folder.names.contains("killed-turns-1") == false)
    }

    @Test("Turns behind one that is missing are left out, and their numbers are not given again")
    func missingTurn() throws {
        try folder.copy("store", to: "killed", suffixes: ["", "-wal"])
        // As after a loss of power that took this commit, and not what was journaled later.
        try store.commit([.user(11)], isRequested: true)
        try store.commit([.device(11, "phone")], isRequested: false)
        try folder.copy("store", to: "killed", suffixes: Journal.suffixes)
        let (everything, remarks) = try JournaledStore.next(folder.file("killed"))
        #expect(everything == Self.some)
        #expect(remarks == [.leftOut(turns: 1)])
        let killed = try JournaledStore(path: folder.file("killed"), synchronous: .normal) { _ in }
        try killed.commit([.user(12)], isRequested: false)
        try folder.write(#require(folder.bytes("store-turns-1")), to: "killed-turns-2")
        try folder.copy("killed", to: "again")
        #expect(
            try JournaledStore.next(folder.file("again")).everything
                == Self.some.prefix(11) + [.user(12)] + Self.some.dropFirst(11)
        )
    }

    @Test("A journal is not brought into another store")
    func otherStore() throws {
        try store.commit([.user(11)], isRequested: false)
        for name in ["other", "none"] {
            let other = try SQLiteStore(path: folder.file(name), synchronous: .normal)
            try other.commit([.user(1, "other")])
            other.close()
            try folder.copy("store", to: name, suffixes: Journal.suffixes)
        }
        let (everything, remarks) = try JournaledStore.next(folder.file("other"))
        #expect(everything == [.user(1, "other")])
        #expect(remarks == [.leftOut(turns: 1)])
        try FileManager.default.removeItem(atPath: folder.file("none"))
        let none = try JournaledStore.next(folder.file("none"))
        #expect(none.everything == [])
        #expect(none.remarks == [])
    }

    @Test("Closing brings everything in, and leaves the store's own file alone")
    func closing() throws {
        try store.commit([.user(1, "one")], isRequested: false)
        store.beginApplying()
        try store.commit([.user(2, "two")], isRequested: false)
        store.close()
        #expect(try folder.names == ["store"])
        let everything = try SQLiteStore.everything(in: folder.file("store"))
        #expect(everything.contains(.user(1, "one")) && everything.contains(.user(2, "two")))
        #expect(throws: StoreError.self) { try store.commit([.user(3)], isRequested: false) }
        store.beginApplying()
        #expect(try folder.names == ["store"])
    }

    @Test("Closing while SQLite takes nothing leaves the journal to the next start")
    func closingLocked() throws {
        let lock = try lock()
        try store.commit([.user(1, "one")], isRequested: false)
        store.close()
        guard case .leftBehind = remarks.all.last else {
            Issue.record("\(remarks.all)")
            return
        }
        try lock.close()
        let (everything, remarks) = try JournaledStore.next(folder.file("store"))
        #expect(everything.contains(.user(1, "one")))
        #expect(remarks == [.broughtIn(turns: 1)])
        #expect(try folder.names == ["store"])
    }

    @Test("While another program writes devices are journaled, requests fail, and it is said once")
    func locked() throws {
        let lock = try lock()
        let expected = StoreError.writeFailed(
            path: folder.file("store"),
            reason: "another program has locked it"
        )
        for round in 1...3 {
            try store.commit([.user(1, "round \(round)")], isRequested: false)
            store.beginApplying()
            #expect(throws: expected) { try store.commit([.user(2, "no")], isRequested: true) }
        }
        #expect(remarks.all == [.notApplied(reason: "\(expected)")])
        try lock.close()
        store.beginApplying()
        store.finishApplying()
        #expect(remarks.all.dropFirst() == [.appliedAgain])
        #expect(try user(1) == "round 1")
        store.beginApplying()
        store.finishApplying()
        #expect(remarks.all.count == 2)
        #expect(try user(1) == "round 3")
        #expect(try user(2) == "user-2")
        #expect(lengths == [0, 0])
    }

    @Test("A journal that is too long makes each turn go to SQLite, and fail where that does")
    func bounded() throws {
        let lock = try lock()
        let text = String(repeating: "long ", count: 20_000)
        let long = (1...20).map { Change.putUser(UserRecord(id: $0, name: Name(checked: text))) }
        // A name that long breaks a rule, and is refused before anything is written.
        #expect(throws: StoreError.self) { try store.commit(long, isRequested: false) }
        let described = (1...20).map {
            Change.putUser(UserRecord(id: $0, name: Name(checked: "u\($0)"), description: text))
        }
        var count = 0
        #expect(throws: StoreError.self) {
            while count < 100 {
                try store.commit(described, isRequested: false)
                store.beginApplying()
                count += 1
            }
        }
        #expect((10...40).contains(count))
        try lock.close()
        try store.commit(described, isRequested: false)
        #expect(lengths == [0, 0])
        #expect(try user(20) == "u20")
    }

    @Test("Where the journal cannot be made, turns go to SQLite, and it is said once")
    func unwritable() throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("store-turns-1"),
            withIntermediateDirectories: false
        )
        for round in 1...3 { try store.commit([.user(1, "\(round)")], isRequested: false) }
        #expect(try user(1) == "3")
        guard case .notJournaled(let reason) = remarks.all.first, remarks.all.count == 1 else {
            Issue.record("\(remarks.all)")
            return
        }
        #expect(reason.contains("store-turns-1"))
        try FileManager.default.removeItem(atPath: folder.file("store-turns-1"))
        try store.commit([.user(1, "4")], isRequested: false)
        #expect(try user(1) == "3")
    }

    @Test("A second bridge is refused, and leaves the journal as it is")
    func secondBridge() throws {
        try store.commit([.user(1, "one")], isRequested: false)
        let before = folder.bytes("store-turns-1")
        #expect(throws: StoreError.inUse(path: folder.file("store"))) {
            try JournaledStore(path: folder.file("store"), synchronous: .normal) { _ in }
        }
        #expect(folder.bytes("store-turns-1") == before)
        try store.commit([.user(2, "two")], isRequested: false)
        try folder.copy("store", to: "killed")
        let everything = try JournaledStore.next(folder.file("killed")).everything
        #expect(everything.contains(.user(1, "one")) && everything.contains(.user(2, "two")))
    }

    @Test("A damaged store is refused, and its journal left as it is")
    func damagedStore() throws {
        try store.commit([.user(1, "one")], isRequested: false)
        try folder.copy("store", to: "killed")
        let queue = try DatabaseQueue(path: folder.file("killed"))
        try queue.writeWithoutTransaction {
            try $0.execute(sql: "UPDATE user SET name = 'a/b' WHERE id = 3")
        }
        try queue.close()
        let (names, before) = (try folder.names, folder.bytes("killed"))
        let journal = folder.bytes("killed-turns-1")
        let error = #expect(throws: StoreError.self) {
            try JournaledStore.next(folder.file("killed"))
        }
        guard case .damaged = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try folder.names == names)
        #expect(folder.bytes("killed") == before)
        #expect(folder.bytes("killed-turns-1") == journal)
        #expect(journal?.isEmpty == false)
    }

    @Test("The journal has the rights of the store, and waits for the disk where that is asked for")
    func rights() throws {
        chmod(folder.file("store"), 0o640)
        store.close()
        let full = try JournaledStore(path: folder.file("store"), synchronous: .full) { _ in }
        try full.commit([.user(1, "one")], isRequested: false)
        var status = stat()
        #expect(stat(folder.file("store-turns-1"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o640)
        full.close()
    }

    @Test("In memory there is no journal")
    func memory() throws {
        let store = try JournaledStore(path: ":memory:", synchronous: .full) { _ in }
        try store.commit([.user(1)], isRequested: false)
        store.beginApplying()
        #expect(try store.everything() == [.user(1)])
        #expect(!FileManager.default.fileExists(atPath: ":memory:-turns-1"))
    }
}

@Suite("A full disk", .enabled(if: geteuid() == 0, "mounting a small disk needs the superuser"))
struct JournalOnFullDiskTests {
    @Test(
        "A turn that finds no room is refused whole, what was journaled stays, and it goes on later"
    )
    func fullDisk() throws {
        let folder = try TemporaryFolder()
        guard let disk = try SmallDisk(folder) else { return }
        let path = disk.path + "/store"
        var remarks: [StoreRemark] = []
        let store = try JournaledStore(path: path, synchronous: .full) { remarks.append($0) }
        try store.commit([.user(1), .device(1, "phone")], isRequested: true)
        try folder.write([UInt8](repeating: 1, count: 850_000), to: "disk/ballast")
        var turns: UserID = 1
        func turn() -> [Change] { (1...100).map { .user(turns + $0) } }
        #expect(throws: StoreError.full(path: path)) {
            while turns < 100_000 {
                try store.commit(turn(), isRequested: false)
                turns += 100
            }
        }
        #expect(turns > 1_000)
        for isRequested in [true, false] {
            #expect(throws: StoreError.full(path: path)) {
                try store.commit(turn(), isRequested: isRequested)
            }
        }
        let expected = (1...turns).map { Change.user($0) } + [.device(1, "phone")]
        try folder.copy("disk/store", to: "killed")
        #expect(try JournaledStore.next(folder.file("killed")).everything == expected)
        try FileManager.default.removeItem(atPath: folder.file("disk/ballast"))
        try store.commit([.user(1, "later")], isRequested: false)
        store.close()
        #expect(
            try JournaledStore.next(path).everything == [.user(1, "later")] + expected.dropFirst()
        )
        #expect(remarks.contains { if case .notJournaled = $0 { true } else { false } })
    }

    @Test("A start on a full disk reads what the last bridge journaled, and brings it in later")
    func startOnFullDisk() throws {
        let folder = try TemporaryFolder()
        guard let disk = try SmallDisk(folder) else { return }
        let path = disk.path + "/store"
        var store = try JournaledStore(path: folder.file("store"), synchronous: .full) { _ in }
        for id in 1...1_000 as ClosedRange<UserID> {
            try store.commit([.user(id)], isRequested: false)
        }
        for suffix in [""] + Journal.suffixes where folder.bytes("store\(suffix)") != nil {
            try folder.write(#require(folder.bytes("store\(suffix)")), to: "disk/store\(suffix)")
        }
        store.close()
        var remarks: [StoreRemark] = []
        store = try JournaledStore(path: path, synchronous: .full) { remarks.append($0) }
        // Room for the index of SQLite's log, and not for what it would have to take.
        try disk.fill(leaving: 36_864)
        let expected = (1...1_000).map { Change.user($0) }
        #expect(try store.everything() == expected)
        for isRequested in [true, false] {
            #expect(throws: StoreError.full(path: path)) {
                try store.commit([.user(1_001)], isRequested: isRequested)
            }
        }
        store.beginApplying()
        #expect(!folder.bytes("disk/store-turns-1").isEmpty)
        try FileManager.default.removeItem(atPath: folder.file("disk/ballast"))
        store.beginApplying()
        #expect(folder.bytes("disk/store-turns-1") == nil)
        try store.commit([.user(1_001)], isRequested: false)
        #expect(!folder.bytes("disk/store-turns-1").isEmpty)
        store.close()
        #expect(try JournaledStore.next(path).everything == expected + [.user(1_001)])
        #expect(remarks == [.broughtIn(turns: 1_000)])
    }
}

extension Data? {
    fileprivate var isEmpty: Bool { self?.isEmpty ?? true }
}
