import Foundation
import Presence

/// The two files beside a store that take what SQLite does not have yet: turns are written to one of them
/// while those of the other one are brought into SQLite.
final class Journal {
    /// What is appended to the path of the store.
    static let suffixes = ["-turns-1", "-turns-2"]
    /// The most bytes that are read of a file; one of a bridge has no more.
    static let longestFile = longest + longestRecord
    /// How many bytes both files together take; with more the next turn goes to SQLite at once.
    private static let longest = 32 << 20
    private static let longestRecord = 16 << 20

    private let files: [JournalFile]
    private let isSynced: Bool
    private var current = 0

    /// Names the files beside a store; they are made when they are needed.
    ///
    /// - Parameter isSynced: whether each turn waits until the disk has it.
    init(_ store: StoreFile, isSynced: Bool) {
        self.isSynced = isSynced
        let mode = store.mode ?? 0o644
        files = Self.suffixes.map { suffix in
            JournalFile(path: store.resolved + suffix, storePath: store.path, mode: mode)
        }
    }

    /// How many bytes the turns have that were not taken out.
    var length: Int64 { files[current].length }

    /// Reads what the last bridge has left.
    static func left(beside store: StoreFile) throws(StoreError) -> JournalReading {
        var contents: [JournalReading.Content] = []
        for suffix in suffixes {
            let bytes = try store.bytes(beside: suffix, atMost: longestFile)
            if !bytes.isEmpty { contents.append((store.resolved + suffix, bytes)) }
        }
        return JournalReading(contents)
    }

    /// Writes a turn; returns whether there is room for it.
    func append(_ changes: [Change], sequence: Int64) throws(StoreError) -> Bool {
        let length = files[0].length + files[1].length
        guard length < Self.longest else { return false }
        let record = JournalRecord.bytes(of: changes, sequence: sequence)
        guard record.count <= Self.longestRecord else { return false }
        try files[current].append(record, isSynced: isSynced)
        return true
    }

    /// Takes out all turns that were written since the last time: the next ones are written to the other
    /// file, which must be empty.
    ///
    /// Returns the file that has them.
    func turnOver() -> JournalFile {
        defer { current = 1 - current }
        return files[current]
    }

    /// Makes both files empty, when SQLite has all turns.
    func empty() { for file in files { file.empty() } }

    /// Takes both files away, those that the last bridge has left, too.
    func remove() { for file in files { file.remove() } }

    /// Leaves both files as they are.
    func close() { for file in files { file.close() } }
}
