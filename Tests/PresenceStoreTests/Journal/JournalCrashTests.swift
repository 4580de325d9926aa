import Chance
import Foundation
import Presence
import Testing

@testable import PresenceStore

/// Random turns, requested and not, and what a start makes of the files that a kill leaves.
@Suite("A journal after a crash")
struct JournalCrashTests {
    /// A store that has seen random turns, and what it held after each of them.
    private final class History {
        let folder: TemporaryFolder
        private let store: JournaledStore
        private var random: SeededNumbers
        private var model = Model()
        /// What the store held before the first turn, and after each.
        private(set) var states: [[Change]] = [[]]
        /// How many bytes the file that was written last had before its last record, and with it; `nil`
        /// where the last turn went to SQLite at once.
        private(set) var lastRecord: (file: String, before: Int, after: Int)?

        init(seed: UInt64) throws {
            folder = try TemporaryFolder(isQuick: true)
            random = SeededNumbers(seed: seed)
            store = try JournaledStore(path: folder.file("store"), synchronous: .normal) {
                Issue.record("\($0)")
            }
            try store.replay { _ in }
        }

        func turn() throws {
            let changes = model.someChanges(&random)
            guard !changes.isEmpty else { return }
            let isRequested = Int.random(in: 0..<6, using: &random) == 0
            let before = lengths
            try store.commit(changes, isRequested: isRequested)
            states.append(model.everything)
            lastRecord = nil
            for (suffix, (before, after)) in zip(Journal.suffixes, zip(before, lengths))
            where after > before && !isRequested {
                lastRecord = ("store\(suffix)", before, after)
            }
            if Int.random(in: 0..<6, using: &random) == 0 { store.beginApplying() }
            // Now and then the batch goes on while turns come.
            if Int.random(in: 0..<2, using: &random) == 0 { store.finishApplying() }
        }

        func settle() { store.finishApplying() }
        func apply() {
            store.beginApplying()
            store.finishApplying()
        }
        func close() { store.close() }

        private var lengths: [Int] {
            Journal.suffixes.map { folder.bytes("store\($0)")?.count ?? 0 }
        }
    }

    @Test("With its last record cut off anywhere it holds what it held before that turn")
    func everyByte() throws {
        var cuts = 0
        for seed in 1...8 as ClosedRange<UInt64> {
            let history = try History(seed: seed)
            let folder = history.folder
            for step in 1...12 {
                try history.turn()
                history.settle()
                guard step.isMultiple(of: 4) else { continue }
                try folder.copy("store", to: "whole")
                let whole = try JournaledStore.next(folder.file("whole"))
                #expect(whole.everything == history.states.last, "seed \(seed), step \(step)")
                try FileManager.default.removeItem(atPath: folder.file("whole"))
                guard let (file, before, after) = history.lastRecord,
                    folder.bytes(file)?.count == after
                else { continue }
                let name = file.replacingOccurrences(of: "store", with: "cut")
                for length in before..<after {
                    try folder.copy("store", to: "cut")
                    try folder.write(#require(folder.bytes(file)).prefix(length), to: name)
                    let (everything, remarks) = try JournaledStore.next(folder.file("cut"))
                    let expected = history.states.dropLast().last
                    try #require(everything == expected, "seed \(seed), step \(step), \(length)")
                    let torn = StoreRemark.tornJournal(
                        file: folder.file(name),
                        offset: before,
                        bytes: length - before
                    )
                    #expect(remarks.contains(torn) == (length > before))
                    #expect(remarks.allSatisfy { $0.weight == .info })
                    try FileManager.default.removeItem(atPath: folder.file("cut"))
                    cuts += 1
                }
            }
            history.close()
        }
        #expect(cuts > 300)
    }

    @Test("Killed between a batch and the emptying of its file it holds the last turn")
    func betweenBatchAndEmptying() throws {
        for seed in 100...120 as ClosedRange<UInt64> {
            let history = try History(seed: seed)
            for _ in 1...15 { try history.turn() }
            history.settle()
            try history.folder.copy("store", to: "killed", suffixes: Journal.suffixes)
            history.apply()
            try history.folder.copy("store", to: "killed", suffixes: ["", "-wal"])
            let (everything, remarks) = try JournaledStore.next(history.folder.file("killed"))
            #expect(everything == history.states.last, "seed \(seed)")
            #expect(remarks == [])
            history.close()
        }
    }

    @Test("With any byte of the journal changed it holds what it held after some turn, and says so")
    func damage() throws {
        var (damaged, torn) = (0, 0)
        for seed in 200...205 as ClosedRange<UInt64> {
            let history = try History(seed: seed)
            let folder = history.folder
            for _ in 1...10 { try history.turn() }
            history.settle()
            for suffix in Journal.suffixes {
                guard let bytes = folder.bytes("store\(suffix)") else { continue }
                for place in stride(from: 0, to: bytes.count, by: 11) {
                    try folder.copy("store", to: "bad")
                    var garbled = bytes
                    garbled[place] ^= 1 << UInt8(place % 8)
                    try folder.write(garbled, to: "bad\(suffix)")
                    let (everything, remarks) = try JournaledStore.next(folder.file("bad"))
                    try #require(history.states.contains(everything), "seed \(seed), \(place)")
                    #expect(everything != history.states.last || !remarks.isEmpty)
                    for remark in remarks {
                        switch remark {
                        case .damagedJournal(folder.file("bad\(suffix)"), let offset, _):
                            #expect(offset <= place)
                            damaged += 1
                        case .tornJournal(folder.file("bad\(suffix)"), let offset, _):
                            #expect(offset <= place)
                            torn += 1
                        case .leftOut, .broughtIn: break
                        default: Issue.record("\(remark)")
                        }
                    }
                    try FileManager.default.removeItem(atPath: folder.file("bad"))
                }
            }
            history.close()
        }
        #expect(damaged > 20)
        #expect(torn > 0)
    }
}
