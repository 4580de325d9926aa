import BrokerFixture
import Foundation
import Synchronization

/// A PostgreSQL server of the test's own: its data in a folder that goes with it, reached by a socket there alone.
///
/// PostgreSQL does not run as root: where the tests do, it runs as Debian's user `postgres`.
public final class DatabaseServer: Sendable {
    /// How a server is told to end.
    public enum Ending: Int32, Sendable {
        /// In order, and at once.
        case fast = 2
        /// As in a crash: what was not on the disk is brought back from its log.
        case immediate = 3
        /// Killed, with all of its processes.
        case killed = 9
    }

    /// The name of the database, and of the user who may do everything in it.
    public static let name = "presence"

    /// Where the server's programs are; `nil` where none are installed.
    public static let programs: String? = {
        let debian = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []
        let folders =
            versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(debian)/\($0)/bin" }
            + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(
                String.init
            )
        return folders.first {
            access("\($0)/initdb", X_OK) == 0 && access("\($0)/postgres", X_OK) == 0
        }
    }()

    /// Whether there is one to start.
    public static var isInstalled: Bool { programs != nil }

    /// Whether tests use one: where it is installed, and on CI, where a missing one is a fault.
    public static var isUsed: Bool {
        isInstalled || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    /// One for all tests that do nothing to it but use it, each with a schema of its own.
    public static let shared: Result<DatabaseServer, any Error> = Result {
        let server = try DatabaseServer()
        // Nothing else ends with the tests that all of them have.
        atexit {
            guard let server = try? DatabaseServer.shared.get() else { return }
            server.end(.killed)
            try? FileManager.default.removeItem(atPath: server.folder.path)
        }
        return server
    }

    private let folder: TemporaryFolder
    private let child = Mutex<Child?>(nil)
    private let schemas = Mutex(0)

    /// What is set at every start.
    private let settings: [String]

    /// Makes a server, and starts it.
    ///
    /// - Parameters:
    ///   - isSafe: whether a commit waits for the disk, which tests need not.
    ///   - settings: what `postgres -c` is to set besides.
    public init(isSafe: Bool = false, settings: [String] = []) throws {
        folder = try TemporaryFolder()
        self.settings = ["fsync=\(isSafe ? "on" : "off")"] + settings
        let data = folder.file("data")
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: false)
        Self.give(data)
        let initdb = [
            "-D", data, "-A", "trust", "-U", Self.name, "-E", "UTF8", "--locale=C", "--no-sync",
        ]
        let (program, arguments) = try Self.command("initdb", initdb)
        try Child.runBlocking(program, arguments, timeout: .seconds(60))
        try start()
        try query("CREATE DATABASE \(Self.name)", in: "postgres")
    }

    deinit { end(.killed) }

    /// The folder with the socket and the data.
    public var path: String { folder.file("data") }

    /// The URI of the database.
    public var uri: String { "postgresql://\(Self.name)@/\(Self.name)?host=\(path)" }

    /// The name of a schema that no other test has got.
    public func newSchema() -> String {
        schemas.withLock { count in
            count += 1
            return "test_\(count)"
        }
    }

    /// Starts it, and waits until it takes connections.
    ///
    /// - Parameter settings: what `postgres -c` is to set.
    public func start(_ settings: [String] = []) throws {
        let all = [
            "listen_addresses=", "unix_socket_directories=\(path)", "fsync=off",
            "max_connections=200",
        ]
        let flags = (all + self.settings + settings).flatMap { ["-c", $0] }
        let command = try Self.command("postgres", ["-D", path] + flags)
        let end = ContinuousClock.now + .seconds(60)
        while try !starts(command, by: end) { usleep(50_000) }
    }

    /// Starts it once; returns whether it takes connections, and throws where it never will.
    ///
    /// A process that a killed server has left holds its memory for a moment: then it is to be started again.
    private func starts(
        _ command: (program: String, arguments: [String]),
        by end: ContinuousClock.Instant
    ) throws -> Bool {
        let started = try Child(command.program, command.arguments, folder: folder)
        child.withLock { $0 = started }
        while (try? query("SELECT 1", in: "postgres")) == nil {
            let isOver = ContinuousClock.now >= end
            if !isOver, started.exit != nil, started.errors.contains("is still in use") {
                return false
            }
            guard !isOver, started.exit == nil else {
                throw FixtureError("PostgreSQL does not start: \(started.errors)")
            }
            usleep(20_000)
        }
        return true
    }

    /// Ends it.
    public func end(_ ending: Ending) {
        if ending == .killed { try? send(SIGKILL) }
        let taken = child.withLock { child in
            defer { child = nil }
            return child
        }
        guard let taken else { return }
        taken.send(ending.rawValue)
        _ = try? taken.waitBlocking(timeout: .seconds(30))
    }

    /// Sends a signal to all of its processes, as `SIGSTOP`.
    public func send(_ signal: Int32) throws {
        guard let pid = child.withLock({ $0?.pid }) else { return }
        // It begins no further ones meanwhile.
        kill(pid, SIGSTOP)
        let listed = try Child.runBlocking("ps", ["-o", "pid=", "--ppid", "\(pid)"])
        for process in listed.split(whereSeparator: \.isWhitespace).compactMap({ pid_t($0) }) {
            kill(process, signal)
        }
        kill(pid, signal)
    }

    /// What `psql` prints of a statement, a row a line, with `|` between values.
    @discardableResult
    public func query(_ sql: String, in database: String = DatabaseServer.name) throws -> String {
        guard let programs = Self.programs else { throw FixtureError("there is no PostgreSQL") }
        let arguments = [
            "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", Self.name, "-h", path, "-d",
            database,
            "-c", sql,
        ]
        return try Child.runBlocking("\(programs)/psql", arguments)
            .trimmingCharacters(in: .newlines)
    }

    /// Lets the server write in a folder.
    public static func give(_ path: String) {
        if let (user, group) = owner { chown(path, user, group) }
    }

    /// Who owns the data where the tests are root's.
    private static let owner: (user: uid_t, group: gid_t)? = {
        guard getuid() == 0, let entry = getpwnam("postgres") else { return nil }
        return (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }()

    private static func command(
        _ name: String,
        _ arguments: [String]
    ) throws -> (program: String, arguments: [String]) {
        guard let programs else { throw FixtureError("there is no PostgreSQL") }
        guard let owner else { return ("\(programs)/\(name)", arguments) }
        let identity = ["--reuid", "\(owner.user)", "--regid", "\(owner.group)", "--clear-groups"]
        return ("setpriv", identity + ["\(programs)/\(name)"] + arguments)
    }
}
