import Foundation
import GRDB

/// The connection to the database of a store, which leaves the file as it is until writing was
/// prepared.
///
/// SQLite works a log that lies beside a file into it when the last connection closes, even one
/// that has only read. So where there is a log, a second connection is held, a guardian that may
/// only read: the first one is then not the last, and the guardian cannot write. Both close without
/// a trace.
final class Connection {
    /// How many pages, of 4 KiB, the log may have before a commit works it into the file by itself.
    static let longestLog = 16_384

    let queue: DatabaseQueue
    /// The file; `nil` for a database in memory.
    private let path: String?
    private var checkpoints: Checkpoints?
    private var guardian: DatabaseQueue?
    /// The log's index, where there was none before.
    private var ownIndex: String?
    private var isPrepared = false

    /// Opens a database in memory, with the tables of a store.
    init() throws {
        path = nil
        queue = try DatabaseQueue(configuration: Self.configuration)
        try Schema.create(in: queue)
    }

    /// Opens the file of a store that is there, and only reads in it.
    init(_ file: StoreFile, hasLog: Bool) throws {
        let path = file.resolved
        self.path = path
        if hasLog, StoreFile.size(of: path + "-shm") == nil { ownIndex = path + "-shm" }
        var reading = Self.configuration
        reading.readonly = true
        do {
            if hasLog { guardian = try DatabaseQueue(path: path, configuration: reading) }
            queue = try DatabaseQueue(path: path, configuration: Self.configuration)
        } catch {
            Self.close(guardian, removing: ownIndex)
            throw error
        }
        do {
            // The log may know better than the header of the file.
            let id = try value(of: "PRAGMA application_id").flatMap(Int64.fromDatabaseValue) ?? 0
            let version = try value(of: "PRAGMA user_version").flatMap(Int.fromDatabaseValue) ?? 0
            guard id == Int64(Schema.applicationID) else {
                let id = UInt32(truncatingIfNeeded: id)
                throw StoreError.otherApplication(path: file.path, id: id)
            }
            try file.check(version: version)
        } catch {
            close()
            throw error
        }
    }

    deinit {
        close()
    }

    /// Sets what writing needs, which may change the file.
    ///
    /// The second time it does nothing.
    func prepareWriting(_ synchronous: SQLiteStore.Synchronous) throws {
        guard !isPrepared else { return }
        try queue.writeWithoutTransaction { database in
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" || mode == "memory" else {
                throw DatabaseError(message: "its file system allows no write-ahead log")
            }
            // After the mode, with which some libraries set it themselves.
            let word = synchronous == .full ? "FULL" : "NORMAL"
            try database.execute(
                sql: """
                    PRAGMA synchronous = \(word);
                    PRAGMA wal_autocheckpoint = \(Self.longestLog);
                    PRAGMA journal_size_limit = \(Self.longestLog * 4_096);
                    PRAGMA cache_size = -16384;
                    PRAGMA cache_spill = ON;
                    """
            )
        }
        try guardian?.close()
        guardian = nil
        ownIndex = nil
        isPrepared = true
    }

    /// Begins to work the log into the file, beside what goes on; returns whether it was begun.
    ///
    /// - Throws: why the last one failed.
    func beginCheckpoint() throws -> Bool {
        guard let path else { return true }
        let checkpoints =
            try self.checkpoints ?? Checkpoints(path: path, configuration: Self.configuration)
        self.checkpoints = checkpoints
        return try checkpoints.begin()
    }

    /// Closes the file.
    ///
    /// What is asked for afterwards fails.
    func close() {
        // The last one to close works in what is left of the log, and that is to be the other one.
        checkpoints?.close()
        checkpoints = nil
        try? queue.close()
        Self.close(guardian, removing: ownIndex)
        guardian = nil
        ownIndex = nil
    }

    func value(of sql: String) throws -> DatabaseValue? {
        try queue.writeWithoutTransaction { try DatabaseValue.fetchOne($0, sql: sql) }
    }

    private static func close(_ guardian: DatabaseQueue?, removing index: String?) {
        try? guardian?.close()
        if let index { unsafe unlink(index) }
    }

    /// How every connection to a store is opened.
    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(0.1)
        configuration.foreignKeysEnabled = false
        // A rollback that fails is the next transaction's error, and not the end of the process.
        configuration.allowsUnsafeTransactions = true
        configuration.label = "PresenceStore"
        return configuration
    }
}
