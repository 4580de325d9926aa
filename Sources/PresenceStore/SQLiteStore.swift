import GRDB
import Presence

/// What the bridge knows beyond a restart, in one SQLite file (https://www.sqlite.org).
///
/// Open it, ``replay(_:)`` it once, then ``commit(_:)``; now and then ``beginCheckpoint()``; at the end
/// ``close()``. One thread uses it. One bridge uses a file, by a lock that goes with its process;
/// other programs may read the file meanwhile. SQLite keeps a log beside it (`-wal`, with `-shm`),
/// the lock is the file `-lock`.
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

    /// Opens the store, or makes it if there is no file or an empty one.
    ///
    /// The path `:memory:` stands for a store that ends with this object.
    public init(path: String, synchronous: Synchronous) throws(StoreError) {
        self.path = path
        self.synchronous = synchronous
        do {
            if path == ":memory:" {
                connection = try Connection()
                return
            }
            let file = try StoreFile(path: path)
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

    /// Hands out everything as `put` changes: the broker, then the users, the devices and the
    /// subscriptions.
    ///
    /// Where it throws because the file is damaged or cannot be read, the file was not written, the
    /// store is closed, and what was handed out is not to be used.
    public func replay(_ body: (Change) -> Void) throws(StoreError) {
        do {
            count = try connection.queue.writeWithoutTransaction { database in
                var reader = Reader(from: database)
                let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                let isOld = version < Schema.version
                // One transaction: everything is read as of one moment, and a file of an earlier
                // version is only brought up to date if all of it can be read.
                try database.inTransaction(isOld ? .immediate : .deferred) {
                    if isOld { try Schema.migrate(database, from: version) }
                    try reader.read(body)
                    return .commit
                }
                return reader.count
            }
        } catch let damage as Reader.Damage {
            close()
            throw .damaged(path: path, reason: damage.reason)
        } catch {
            close()
            throw StoreError(error, doing: .reading, path: path)
        }
        try prepareWriting()
    }

    /// Stores the changes, all of them or, when it throws, none.
    ///
    /// Of changes with the same key the last one counts. It waits for at most a tenth of a second for another program that writes.
    public func commit(_ changes: some Collection<Change>) throws(StoreError) {
        guard !changes.isEmpty else { return }
        for change in changes {
            if let rule = change.brokenRule { throw .writeFailed(path: path, reason: rule) }
        }
        try prepareWriting()
        let commit = CommitChanges(changes)
        do {
            let growth = try connection.queue.writeWithoutTransaction { database in
                var writer = Writer(to: database)
                try database.inTransaction(.immediate) {
                    try writer.write(commit)
                    return .commit
                }
                return writer.growth
            }
            count = count.map { $0 + growth }
            isDirty = true
            backlog += changes.count
        } catch {
            throw StoreError(error, doing: .writing, path: path)
        }
        // What was stored is stored, whatever becomes of this.
        if backlog >= Self.longestBacklog { try? beginCheckpoint() }
    }

    /// The users, devices and subscriptions stored.
    ///
    /// They are counted from the replay on, or else from the first time on; 0 if the file cannot be
    /// read.
    public var rows: Int64 {
        if let count { return count }
        let sql = """
            SELECT (SELECT count(*) FROM user) + (SELECT count(*) FROM device) \
            + (SELECT count(*) FROM subscription)
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
