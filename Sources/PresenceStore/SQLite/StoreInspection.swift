import Foundation
import GRDB
import Presence

/// What can be told of a store without changing anything: a bridge may have it open meanwhile.
///
/// Not while this process has the store open.
public struct StoreInspection {
    /// Whether somebody uses the store.
    public enum Use: Hashable, Sendable {
        case free
        /// A bridge has it open.
        case held
        /// The lock cannot be looked at, for this reason.
        case untold(String)
    }

    /// The bytes of the largest store that is checked page by page, which takes about a second.
    private static let quickSize: Int64 = 256 << 20

    /// The path as it was given.
    public let path: String
    /// Why there can be no store at this place, or nobody can read it here; `nil` where it can.
    public private(set) var fault: StoreError?
    /// Why no files can be made beside it.
    public private(set) var folderFault: StoreError?
    /// Whether the file is there, and not empty.
    public private(set) var exists = false
    /// Whether a bridge has it open.
    public private(set) var use = Use.free
    /// The version of its tables.
    public private(set) var version: Int?
    /// Whether the last bridge was killed and left what only the next one should touch.
    public private(set) var awaitsRecovery = false
    /// Why it could not be looked through, or what is wrong in it.
    public private(set) var damage: StoreError?
    /// Whether all of it was looked through.
    public private(set) var isWhole = false
    /// What it knows of the broker.
    public private(set) var broker: BrokerRecord?
    /// The bytes of the journal beside it, and what is to be said of them.
    public private(set) var journal: (bytes: Int, remarks: [StoreRemark]) = (0, [])
    /// The bytes of the file.
    public private(set) var size: Int64 = 0
    /// The bytes that are free on its file system, for a user without privileges.
    public private(set) var room: Int64?

    /// Looks at the store of a path; `:memory:` has nothing to look at.
    public static func look(at path: String) -> StoreInspection {
        var inspection = StoreInspection(path: path)
        guard path != ":memory:" else { return inspection }
        inspection.look()
        return inspection
    }

    /// The version of the tables that this release writes.
    public static var currentVersion: Int { Schema.version }

    private init(path: String) { self.path = path }

    private mutating func look() {
        do throws(StoreError) {
            let file = try StoreFile(path: path)
            room = Self.room(beside: file)
            use = Self.use(of: file)
            do throws(StoreError) { try file.checkFolder() } catch { folderFault = error }
            try file.checkKind()
            size = StoreFile.size(of: file.resolved) ?? 0
            let content = try file.content()
            guard case .store(let hasLog) = content else { return }
            exists = true
            // Without its index nobody can read the log, but by making one, which a bridge may just
            // begin to use.
            awaitsRecovery =
                hasLog && use != .held && StoreFile.size(of: file.resolved + "-shm") == nil
            if !awaitsRecovery { look(in: file, hasLog: hasLog) }
        } catch {
            fault = error
        }
    }

    private mutating func look(in file: StoreFile, hasLog: Bool) {
        do {
            let queue = try Self.open(file, mayChange: hasLog || use == .held)
            defer { try? queue.close() }
            try queue.read { database in
                version = try Int.fetchOne(database, sql: "PRAGMA user_version")
                if version == Schema.version {
                    let tables = SQLiteTables(database: database)
                    broker = try Reader(from: tables).readBroker()
                    lookAtJournal(of: file, after: try tables.sequence())
                }
                guard size <= Self.quickSize else { return }
                let words = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "ok"
                guard words == "ok" else {
                    damage = .damaged(path: path, reason: words)
                    return
                }
                isWhole = true
            }
        } catch {
            damage = StoreError(error, doing: .reading, path: path)
        }
    }

    private mutating func lookAtJournal(of file: StoreFile, after applied: Int64) {
        do throws(StoreError) {
            let reading = try Journal.left(beside: file)
            let bytes = Journal.suffixes.compactMap { StoreFile.size(of: file.resolved + $0) }
                .reduce(0, +)
            // While a bridge writes it, a record may be half there.
            let remarks = use == .held ? [] : reading.turns(after: applied).remarks
            journal = (Int(bytes), remarks)
        } catch {
            damage = error
        }
    }

    /// Opens it for nothing but reading.
    ///
    /// A file that nobody can change meanwhile is opened as immutable, so that SQLite makes nothing beside
    /// it, not even for a moment.
    private static func open(_ file: StoreFile, mayChange: Bool) throws -> DatabaseQueue {
        var configuration = Connection.configuration
        configuration.readonly = true
        let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "?#%"))
        if !mayChange,
            let path = file.resolved.addingPercentEncoding(withAllowedCharacters: allowed),
            let queue = try? DatabaseQueue(
                path: "file:\(path)?immutable=1",
                configuration: configuration
            )
        {
            return queue
        }
        // An SQLite that was built without URI names cannot open that one: it gets the plain path.
        return try DatabaseQueue(path: file.resolved, configuration: configuration)
    }

    /// Whether somebody has the lock.
    ///
    /// It is tried for an instant, and only where there is such a file: a bridge takes it away as
    /// it ends.
    private static func use(of file: StoreFile) -> Use {
        let descriptor = unsafe Foundation.open(file.resolved + "-lock", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            return errno == ENOENT ? .free : .untold(StoreFile.lastError)
        }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return .free }
        return errno == EWOULDBLOCK ? .held : .untold(StoreFile.lastError)
    }

    private static func room(beside file: StoreFile) -> Int64? {
        let folder = URL(fileURLWithPath: file.resolved, isDirectory: false)
            .deletingLastPathComponent().path
        var status = statvfs()
        guard unsafe statvfs(folder, &status) == 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail)
            .multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? .max : Int64(clamping: bytes)
    }
}
