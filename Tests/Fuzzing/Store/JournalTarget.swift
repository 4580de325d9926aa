import GRDB
import Presence
import PresenceStore

/// Damaged journals beside a store that is whole: what they hold is taken up to the damage, or left out, or
/// the store is refused and stays as it was.
public struct JournalTarget: Target {
    private static let suffixes = ["-turns-1", "-turns-2"]

    /// The files of a bridge that was killed while one file of its journal was brought in.
    private static let sample: [String: [UInt8]] = (try? makeSample()) ?? [:]

    /// See ``Target/name``.
    public let name = "journal"

    /// See ``Target/draw(_:)``.
    public func draw(_ dice: inout Dice) -> Case {
        let edits = (0..<dice.pick(1, 1, 1, 2, 2, 3, 8)).map { _ -> [[UInt8]] in
            var edit = StoreEdit(&dice)
            // Only a record or two are meant, not the pages of a database.
            edit.place = dice.roll(1_500)
            return edit.words
        }
        // With checksums that are right, what stands behind them is read.
        return Case((dice.once(in: 2) ? [[Array("mend".utf8)]] : []) + edits)
    }

    /// See ``Target/judge(_:reached:)``.
    public func judge(_ input: Case, reached: inout Set<String>) -> [String] {
        guard !Self.sample.isEmpty else { return ["no store is made"] }
        do {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            var files = Self.sample
            for edit in input.lines.compactMap(StoreEdit.init) {
                let name = "store" + Self.suffixes[edit.isLog ? 1 : 0]
                files[name] = files[name].flatMap(edit.damaged)
            }
            let isMended = input.lines.contains { $0.first?.text == "mend" }
            for (name, bytes) in files {
                let isJournal = Self.suffixes.contains { name.hasSuffix($0) }
                try folder.write(isMended && isJournal ? mended(bytes) : bytes, to: name)
            }
            return try StoreJudgement.judge(folder, &reached)
        } catch {
            return ["no file can be written: \(error)"]
        }
    }

    /// Gives each record the checksum of what it holds, as long as their lengths lead from one to the next.
    private func mended(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        var place = 0
        while place + 8 <= bytes.count {
            let length = bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
            guard length <= bytes.count - place - 8 else { break }
            let checksum = CRC32.checksum(of: bytes[place + 8..<place + 8 + length])
            for index in 0..<4 {
                bytes[place + 4 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index))
            }
            place += 8 + length
        }
        return bytes
    }

    private static func makeSample() throws -> [String: [UInt8]] {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let store = try JournaledStore(path: folder.path("store"), synchronous: .normal) { _ in }
        try store.commit(StoreSample.changes(1...10), isRequested: true)
        // What keeps SQLite from taking a batch: so both files have turns.
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let lock = try DatabaseQueue(path: folder.path("store"), configuration: configuration)
        try lock.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        for id in 1...6 as ClosedRange<UserID> {
            try store.commit(Array(StoreSample.changes(id...id + 6)), isRequested: false)
            if id == 3 { store.beginApplying() }
        }
        var files: [String: [UInt8]] = [:]
        for name in ["store", "store-wal"] + suffixes.map({ "store" + $0 }) {
            files[name] = folder.bytes(name)
        }
        try lock.close()
        store.close()
        return files
    }
}
