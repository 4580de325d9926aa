import Presence

/// What the files of a journal hold when a bridge starts.
struct JournalReading {
    typealias Content = (path: String, bytes: [UInt8])

    /// What is to be brought into SQLite.
    struct Turns {
        /// The changes of all turns that follow on what SQLite has, without a gap, in their order.
        var changes: [Change] = []
        /// The highest sequence number that was given out, so that none is given to another turn.
        var last: Int64
        /// What the operator is told.
        var remarks: [StoreRemark] = []
    }

    /// A record and where it was found.
    private typealias Found = (record: JournalRecord, file: String, place: Int, rest: Int)

    /// How far from SQLite's last turn another one of the same store can be.
    private static let farthest: Int64 = 1 << 40

    private let contents: [Content]

    /// Whether there is nothing.
    var isEmpty: Bool { contents.isEmpty }

    init(_ contents: [Content] = []) {
        self.contents = contents
    }

    /// The turns that SQLite does not have.
    ///
    /// - Parameter applied: the sequence number of the last turn that it has.
    func turns(after applied: Int64) -> Turns {
        var turns = Turns(last: applied)
        var records: [Found] = []
        for content in contents {
            records += Self.records(in: content, after: applied, &turns.remarks)
        }
        records.sort { $0.record.sequence < $1.record.sequence }
        let all = records.count
        // Both numbers are at least 0.
        records.removeAll { abs($0.record.sequence - applied) > Self.farthest }
        let strangers = all - records.count
        records.removeAll { $0.record.sequence <= applied }
        var next = applied + 1
        var count = 0
        for (record, file, place, rest) in records {
            guard record.sequence == next else { break }
            do {
                turns.changes += try ChangeReader.changes(in: record.payload)
            } catch {
                turns.remarks.append(.damagedJournal(file: file, offset: place, bytes: rest))
                break
            }
            count += 1
            next += 1
        }
        if count > 0 { turns.remarks.append(.broughtIn(turns: count)) }
        let leftOut = strangers + records.count - count
        if leftOut > 0 { turns.remarks.append(.leftOut(turns: leftOut)) }
        if let last = records.last { turns.last = last.record.sequence }
        return turns
    }

    /// All records of a file up to the first that is none.
    private static func records(
        in content: Content,
        after applied: Int64,
        _ remarks: inout [StoreRemark]
    ) -> [Found] {
        let (file, bytes) = content
        var found: [Found] = []
        var place = 0
        while place < bytes.count {
            let rest = bytes.count - place
            if let record = JournalRecord(in: bytes, at: place) {
                found.append((record, file, place, rest))
                place = record.end
                continue
            }
            let last = found.last?.record.sequence ?? applied
            let isTorn =
                JournalRecord.isIncomplete(in: bytes, at: place)
                && !JournalRecord.isFollowed(in: bytes, behind: place, after: last)
            remarks.append(
                isTorn
                    ? .tornJournal(file: file, offset: place, bytes: rest)
                    : .damagedJournal(file: file, offset: place, bytes: rest)
            )
            break
        }
        return found
    }
}
