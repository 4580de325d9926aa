import Presence

/// The store of a bridge: SQLite's file, and before it a journal for what devices alone change.
///
/// A transaction of SQLite takes tens of calls of the system, and nothing may be told before it is over.
/// Devices change something many times a second, and nobody waits for an answer of theirs. So a turn that
/// no request has changed is written to a journal, by a single call, and is as safe there as in SQLite; once
/// a second all such turns are brought into SQLite in one transaction, on another thread.
///
/// A turn that a request has changed is in SQLite before it is told, and so is everything that was journaled
/// before, in the same transaction. Each turn has a sequence number, and SQLite is told that of its last turn
/// in the transaction that brings it, so that a start never brings a turn over a later one, and never one
/// after a missing one.
///
/// Open it, ``replay(_:)`` it once, then ``commit(_:isRequested:)``, and ``beginApplying()`` each second;
/// now and then ``beginCheckpoint()``; at the end ``close()``. One thread uses it. Beside the files of
/// ``SQLiteStore`` there are two for the journal while it is open (`-turns-1` and `-turns-2`).
public final class JournaledStore {
    private enum Phase {
        case opened
        case ready
        case closed
    }

    /// With how many bytes of turns they are brought into SQLite before the second is over.
    private static let longestWait: Int64 = 4 << 20

    private let sqlite: SQLiteStore
    /// The journal; `nil` for a store in memory.
    private let journal: Journal?
    private let onRemark: (StoreRemark) -> Void
    private var phase = Phase.opened
    /// The sequence number of the last turn.
    private var last: Int64 = 0
    /// The changes of the turns that are journaled and belong to no batch yet, in their order.
    private var waiting: [Change] = []
    /// The turns before those, which SQLite does not have either.
    private var batch: JournalBatch?
    /// Whether the files of the journal are the last bridge's, and have turns that SQLite does not have.
    private var hasLeft = false
    /// The id through which SQLite has all rows of the change log.
    public private(set) var archivedThrough: Int64 = 0
    /// Whether SQLite has not taken the last batch, which was said.
    private var isRefused = false
    /// Whether the journal has not taken the last turn, which was said.
    private var isUnwritable = false

    /// Opens the store, or makes it if there is no file or an empty one.
    ///
    /// The path `:memory:` stands for a store that ends with this object, and has no journal.
    ///
    /// - Parameter onRemark: called on the thread that uses the store, with what the operator is to know.
    public init(
        path: String,
        synchronous: SQLiteStore.Synchronous,
        onRemark: @escaping (StoreRemark) -> Void
    ) throws(StoreError) {
        sqlite = try SQLiteStore(path: path, synchronous: synchronous)
        journal = sqlite.file.map { Journal($0, isSynced: synchronous == .full) }
        self.onRemark = onRemark
    }

    deinit {
        close()
    }

    /// Hands out everything as `put` changes; see ``replay(_:subscriptions:)``.
    public func replay(_ body: (Change) -> Void) throws(StoreError) {
        try replay(body, subscriptions: { $1.replay(of: $0, body) })
    }

    /// Hands out everything as ``SQLiteStore/replay(_:subscriptions:)`` does, with what the last bridge
    /// has left in the journal.
    ///
    /// That is brought into SQLite, if all of it can be read together; where there is no room for it, it
    /// stays, and until there is each commit goes to SQLite.
    public func replay(
        _ body: (Change) -> Void,
        subscriptions: (UserID, [WatchedUser]) -> Void
    ) throws(StoreError) {
        if phase == .ready { try applyAll() }
        let file = phase == .opened ? sqlite.file : nil
        do {
            let left = try file.map(Journal.left(beside:)) ?? JournalReading()
            var end: Int64 = 0
            let (turns, isApplied) = try sqlite.replay(
                left,
                { change in
                    if case .log(.end(let id)) = change { end = id }
                    body(change)
                },
                subscriptions: subscriptions
            )
            guard phase == .opened else { return }
            last = turns.last
            if isApplied {
                journal?.remove()
                archivedThrough = end
            } else {
                waiting = turns.changes
                hasLeft = true
            }
            phase = .ready
            for remark in turns.remarks { onRemark(remark) }
        } catch {
            shut()
            throw error
        }
    }

    /// Stores the changes, all of them or, when it throws, none.
    ///
    /// Of changes with the same key the last one counts. SQLite has them at once where a request is among
    /// their causes, or the journal is too long or cannot be written; it waits for at most two tenths of a
    /// second for another program that writes, and for a batch that is on its way. Otherwise the journal
    /// has them.
    public func commit(_ changes: [Change], isRequested: Bool) throws(StoreError) {
        guard !changes.isEmpty else { return }
        if phase == .opened { try replay { _ in } }
        try sqlite.check(changes)
        guard phase == .ready, !isRequested, !hasLeft, let journal else {
            return try commitDirectly(changes)
        }
        collect()
        guard isJournaled(changes, by: journal) else { return try commitDirectly(changes) }
        last += 1
        waiting += changes
        if journal.length >= Self.longestWait, batch == nil { beginApplying() }
    }

    /// Begins to bring what is journaled into SQLite, on another thread, while commits go on; call it
    /// each second.
    ///
    /// What SQLite does not take is tried again the next time.
    public func beginApplying() {
        guard phase == .ready, let journal else { return }
        guard !hasLeft else {
            // A disk that is full: who uses the store finds out with its own next commit.
            try? commitDirectly([])
            return
        }
        collect()
        if batch == nil, !waiting.isEmpty {
            batch = JournalBatch(waiting, sequence: last, in: journal.turnOver())
            waiting = []
        }
        if let batch, !batch.isUnderWay { batch.begin(sqlite) }
    }

    /// The users, devices and subscriptions that SQLite has: what was journaled is counted when it is there.
    public var rows: Int64 {
        collect()
        return sqlite.rows
    }

    /// See ``SQLiteStore/beginCheckpoint()``.
    public func beginCheckpoint() throws(StoreError) {
        collect()
        try sqlite.beginCheckpoint()
    }

    /// The changes that the last bridge has logged and for which SQLite has no room.
    public var unarchived: [LoggedChange] {
        guard hasLeft else { return [] }
        return waiting.compactMap { if case .log(.put(let change)) = $0 { change } else { nil } }
    }

    /// The change log as SQLite has it.
    public func archive() throws(StoreError) -> ChangeArchive { try sqlite.archive() }

    /// See ``SQLiteStore/beginCutting(_:)``.
    public func beginCutting(_ cut: LogCut) {
        guard phase == .ready, !hasLeft else { return }
        if let young = sqlite.beginCutting(cut) { onRemark(.cutOff(changes: young)) }
    }

    /// Brings all that is journaled into SQLite, closes the files and frees them for others.
    ///
    /// What is asked for afterwards fails.
    public func close() {
        if phase == .ready {
            do throws(StoreError) {
                try applyAll()
                journal?.remove()
            } catch {
                onRemark(.leftBehind(reason: "\(error)"))
            }
        }
        shut()
    }

    private func shut() {
        phase = .closed
        sqlite.close()
        journal?.close()
    }

    // MARK: - Into SQLite

    /// Writes a turn to the journal, if there is room and nothing goes wrong: what does is said once.
    private func isJournaled(_ changes: [Change], by journal: Journal) -> Bool {
        do throws(StoreError) {
            let isJournaled = try journal.append(changes, sequence: last + 1)
            isUnwritable = false
            return isJournaled
        } catch {
            if !isUnwritable { onRemark(.notJournaled(reason: "\(error)")) }
            isUnwritable = true
            return false
        }
    }

    private func applyAll() throws(StoreError) {
        if batch != nil || !waiting.isEmpty { try commitDirectly([]) }
    }

    /// Commits the changes with all that is journaled, in one transaction.
    private func commitDirectly(_ changes: [Change]) throws(StoreError) {
        finishApplying()
        let before = (batch?.changes ?? []) + waiting
        guard !before.isEmpty || !changes.isEmpty else { return }
        try sqlite.commit(before.isEmpty ? changes : before + changes, sequence: last + 1)
        last += 1
        // The files of the last bridge are not open.
        if hasLeft { journal?.remove() } else { journal?.empty() }
        (batch, waiting, hasLeft) = (nil, [], false)
        noteArchived(before)
        noteArchived(changes)
        noteTaken()
    }

    /// Waits until a batch that is on its way has arrived, or has failed.
    func finishApplying() {
        if let batch, batch.isUnderWay { sqlite.finishBegun() }
        collect()
    }

    /// Learns what became of a batch.
    private func collect() {
        guard let batch else { return }
        switch batch.takeState() {
        case .waiting, .underWay: break
        case .applied(let growth):
            self.batch = nil
            batch.file.wasEmptied()
            sqlite.noteCommit(of: batch.changes.count, growth: growth)
            noteArchived(batch.changes)
            noteTaken()
        case .failed(let error):
            guard !isRefused else { return }
            isRefused = true
            onRemark(.notApplied(reason: "\(sqlite.writeError(error))"))
        }
    }

    private func noteArchived(_ changes: [Change]) {
        for case .log(.end(let id)) in changes { archivedThrough = max(archivedThrough, id) }
    }

    private func noteTaken() {
        if isRefused { onRemark(.appliedAgain) }
        isRefused = false
    }
}
