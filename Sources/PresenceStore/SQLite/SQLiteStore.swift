import GRDB
import Presence

/// What the bridge knows beyond a restart, in one SQLite file (https://www.sqlite.org).
///
/// Open it, ``replay(_:)`` it once, then ``commit(_:)``; now and then ``beginCheckpoint()``; at the end
/// ``close()``. One thread uses it. One bridge uses a file, by a lock that goes with its process;
/// other programs may read the file meanwhile. SQLite keeps a log beside it (`-wal`, with `-shm`),
/// the lock is the file `-lock`.
///
/// A bridge puts a ``JournaledStore`` before it. Where the last one was killed, its journal holds turns that
/// this store alone does not know of, and that nobody can bring in once something was committed without it.
///
/// A file that is no store, or damaged, or of a later release, is refused and left as it is: nothing
/// is written to a file before all of it was read.
public final class SQLiteStore {
    /// When a commit is safe.
    public enum Synchronous: Hashable, Sendable {
        /// When the process is killed; a loss of power may take the last commits, whole ones.
        case normal
        /// Also when the power fails: each commit waits for the disk.
        case full
    }

    /// The place of the file; `nil` for a store in memory.
    let file: StoreFile?
    private let path: String
    private let synchronous: Synchronous
    private var lock: StoreLock?
    private let connection: Connection
    /// After how many changed rows the log is worked into the file without being asked: so the
    /// commit that finds it at its longest has little left to do itself.
    private static let longestBacklog = 20_000

    /// Whether something was committed since the last checkpoint, or may have been by an earlier run.
    private var isDirty = true
    /// How many changes were committed since then.
    private var backlog = 0
    private var count: Int64?
    private var cutting: LogCutting?

    /// Opens the store, or makes it if there is no file or an empty one.
    ///
    /// The path `:memory:` stands for a store that ends with this object.
    public init(path: String, synchronous: Synchronous) throws(StoreError) {
        self.path = path
        self.synchronous = synchronous
        do {
            if path == ":memory:" {
                file = nil
                connection = try Connection()
                return
            }
            let file = try StoreFile(path: path)
            self.file = file
            try file.checkKind()
            lock = try StoreLock(file)
            switch try file.content() {
            case .nothing:
                try Schema.create(file)
                connection = try Connection(file, hasLog: false)
            case .store(let hasLog): connection = try Connection(file, hasLog: hasLog)
            }
        } catch {
            throw StoreError(error, doing: .opening, path: path)
        }
    }

    /// Looks whether a store can be there, without making or opening one.
    ///
    /// Not while this process has the store open.
    public static func inspect(path: String) throws(StoreError) {
        guard path != ":memory:" else { return }
        let file = try StoreFile(path: path)
        try file.checkKind()
        try file.checkFolder()
        if case .nothing = try file.content() { return }
    }

    deinit {
        close()
    }

    /// Hands out everything: the broker, then the users and the devices as `put` changes, and then the
    /// subscriptions, some of one watcher's at a time, by watcher and then by user.
    ///
    /// Where it throws because the file is damaged or cannot be read, the file was not written, the
    /// store is closed, and what was handed out is not to be used.
    public func replay(
        _ body: (Change) -> Void,
        subscriptions: (UserID, [WatchedUser]) -> Void
    ) throws(StoreError) {
        _ = try replay(JournalReading(), body, subscriptions: subscriptions)
    }

    /// Hands out everything as `put` changes.
    public func replay(_ body: (Change) -> Void) throws(StoreError) {
        try replay(body, subscriptions: { $1.replay(of: $0, body) })
    }

    /// Hands out everything, with the turns of a journal that the file does not have, and brings those in.
    ///
    /// Returns those turns, and whether there was room for them: if not, they were handed out all the same.
    func replay(
        _ journal: JournalReading,
        _ body: (Change) -> Void,
        subscriptions: (UserID, [WatchedUser]) -> Void
    ) throws(StoreError) -> (turns: JournalReading.Turns, isApplied: Bool) {
        var turns = JournalReading.Turns(last: 0)
        var isApplied = true
        do {
            count = try connection.queue.writeWithoutTransaction { database in
                var reader = Reader(from: SQLiteTables(database: database))
                let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                let isOld = version < Schema.version
                // One transaction: everything is read as of one moment, and a file of an earlier
                // version is only brought up to date if all of it can be read; so is a journal.
                let writes = isOld || !journal.isEmpty
                // What a store that is refused, or a disk that is full, must not see is written last.
                if writes { try database.execute(sql: "PRAGMA cache_spill = OFF") }
                do {
                    try database.inTransaction(writes ? .immediate : .deferred) {
                        if isOld { try Schema.migrate(database, from: version) }
                        let applied = try SQLiteTables(database: database).sequence()
                        turns = journal.turns(after: applied)
                        if turns.last != applied {
                            _ = try Self.write(turns.changes, sequence: turns.last, to: database)
                        }
                        try reader.read(body, subscriptions: subscriptions)
                        isApplied = false
                        return .commit
                    }
                    isApplied = true
                } catch let error as DatabaseError
                    where !isApplied && !isOld && error.resultCode == .SQLITE_FULL
                {}
                return reader.count
            }
        } catch {
            close()
            throw StoreError(error, doing: .reading, path: path)
        }
        try prepareWriting()
        return (turns, isApplied)
    }

    /// Stores the changes, all of them or, when it throws, none.
    ///
    /// Of changes with the same key the last one counts. It waits for at most a tenth of a second for another program that writes.
    public func commit(_ changes: some Collection<Change>) throws(StoreError) {
        guard !changes.isEmpty else { return }
        try check(changes)
        try commit(changes, sequence: nil)
    }

    /// Throws if a change breaks a rule of what may be stored.
    func check(_ changes: some Collection<Change>) throws(StoreError) {
        for change in changes {
            if let rule = change.brokenRule { throw .writeFailed(path: path, reason: rule) }
        }
    }

    /// Stores changes that were checked, and that they end with the turn of a number.
    func commit(_ changes: some Collection<Change>, sequence: Int64?) throws(StoreError) {
        try prepareWriting()
        let growth: Int64
        do {
            growth = try connection.queue.writeWithoutTransaction { database in
                try Self.commit(changes, sequence: sequence, to: database)
            }
        } catch {
            throw writeError(error)
        }
        noteCommit(of: changes.count, growth: growth)
    }

    /// Begins to do the same on another thread; commits that follow wait for it.
    ///
    /// - Parameter then: called there with the number of rows by which the tables have grown; what was
    ///   stored then counts with ``noteCommit(of:growth:)``.
    func begin(
        _ changes: [Change],
        sequence: Int64,
        then: @escaping @Sendable (Result<Int64, any Error>) -> Void
    ) {
        connection.queue.asyncWriteWithoutTransaction { database in
            then(Result { try Self.commit(changes, sequence: sequence, to: database) })
        }
    }

    /// Waits until what was begun is over.
    func finishBegun() { connection.queue.writeWithoutTransaction { _ in } }

    /// Counts what was stored.
    func noteCommit(of changes: Int, growth: Int64) {
        count = count.map { $0 + growth }
        isDirty = true
        backlog += changes
        // What was stored is stored, whatever becomes of this.
        if backlog >= Self.longestBacklog { try? beginCheckpoint() }
    }

    /// Says in the store's words why something was not written.
    func writeError(_ error: any Error) -> StoreError {
        StoreError(error, doing: .writing, path: path)
    }

    /// Writes changes in a transaction of its own; returns by how many rows the tables have grown.
    private static func commit(
        _ changes: some Collection<Change>,
        sequence: Int64?,
        to database: Database
    ) throws -> Int64 {
        var growth: Int64 = 0
        // A file that is locked is found out before anything is sorted.
        try database.inTransaction(.immediate) {
            growth = try write(changes, sequence: sequence, to: database)
            return .commit
        }
        return growth
    }

    private static func write(
        _ changes: some Collection<Change>,
        sequence: Int64?,
        to database: Database
    ) throws -> Int64 {
        var writer = Writer(to: database)
        try writer.write(CommitChanges(changes))
        if let sequence { try writer.write(sequence: sequence) }
        return writer.growth
    }

    /// The users, devices and subscriptions stored.
    ///
    /// They are counted from the replay on, or else from the first time on; 0 if the file cannot be
    /// read.
    public var rows: Int64 {
        if let count { return count }
        let sql = """
            SELECT (SELECT count(*) FROM user) + (SELECT count(*) FROM device) \
            + (SELECT coalesce(sum(length(entries)), 0) / \(SubscriptionRun.entryLength) \
            FROM subscription_run)
            """
        count = try? connection.value(of: sql).flatMap(Int64.fromDatabaseValue)
        return count ?? 0
    }

    /// Begins to work the log into the file, on another thread, while commits go on, as far as no other
    /// program still reads the old state.
    ///
    /// It costs one write for each page changed since the last time and two waits for the disk, and
    /// nothing if nothing was committed since.
    ///
    /// - Throws: why it cannot begin, or why the last one failed.
    public func beginCheckpoint() throws(StoreError) {
        guard isDirty else { return }
        try prepareWriting()
        do {
            guard try connection.beginCheckpoint() else { return }
            isDirty = false
            backlog = 0
        } catch {
            throw StoreError(error, doing: .writing, path: path)
        }
    }

    /// The change log, to be read by whoever may.
    public func archive() throws(StoreError) -> ChangeArchive {
        do {
            let source = try file.map(SQLiteSource.init) ?? SQLiteSource(memory: connection.queue)
            return ChangeArchive(source)
        } catch {
            throw StoreError(error, doing: .reading, path: path)
        }
    }

    /// Begins to cut off what may go of the change log, on another thread, some rows at a time, between the
    /// commits that go on meanwhile; one that is under way goes on, and another is not begun.
    ///
    /// Returns how many rows went that were not old, now and then; `nil` where there is nothing to say.
    @discardableResult
    public func beginCutting(_ cut: LogCut) -> Int64? {
        let cutting =
            self.cutting
            ?? LogCutting { [queue = connection.queue] step, then in
                queue.asyncWriteWithoutTransaction { database in
                    var done: CutStep?
                    do {
                        try database.inTransaction(.immediate) {
                            done = try step(SQLiteTables(database: database))
                            return .commit
                        }
                        then(done)
                    } catch {
                        then(nil)
                    }
                }
            }
        self.cutting = cutting
        let young = cutting.takeYoung()
        cutting.begin(cut)
        // What goes has to be worked into the file as what comes.
        let gone = Int(clamping: cutting.takeGone())
        if gone > 0 { noteCommit(of: gone, growth: 0) }
        return young
    }

    /// Whether rows of the change log are being cut off.
    var isCutting: Bool { cutting?.isUnderWay ?? false }

    /// Closes the file and frees it for others.
    ///
    /// What is asked for afterwards fails.
    public func close() {
        connection.close()
        lock = nil
    }

    /// The first value that a statement returns, for tests.
    func value(of sql: String) throws -> DatabaseValue? {
        try connection.value(of: sql)
    }

    private func prepareWriting() throws(StoreError) {
        do {
            try connection.prepareWriting(synchronous)
        } catch {
            throw StoreError(error, doing: .writing, path: path)
        }
    }
}
