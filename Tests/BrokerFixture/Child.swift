import Foundation
import Synchronization

/// Another program that runs beside the tests.
///
/// It starts with no signal blocked and every signal at its default, whatever the thread that
/// starts it blocks, and without this process's files and sockets: a socket that it inherited would
/// keep a connection alive that a test has dropped. It is killed when the object goes, and when the
/// tests end.
public final class Child: Sendable {
    /// How a program ended.
    public enum Exit: Equatable, Sendable {
        /// It ended by itself, with this code.
        case code(Int32)
        /// It was ended by this signal.
        case signal(Int32)
    }

    /// The process identifier.
    public let pid: pid_t
    private let folder: TemporaryFolder
    private let name: String
    private let ended = Mutex<Exit?>(nil)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: The path of the program, or its name if it lies in a usual place.
    ///   - arguments: Without the name of the program.
    ///   - environment: Added to this process's own.
    ///   - folder: Where it runs and where its output goes; `nil` for one of its own.
    public init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        folder: TemporaryFolder? = nil
    ) throws {
        let folder = try folder ?? TemporaryFolder()
        let path = try Self.locate(program)
        name = "\(URL(fileURLWithPath: path).lastPathComponent)-\(UUID().uuidString.prefix(8))"
        self.folder = folder
        pid = try Self.spawn(
            [path] + arguments,
            environment: ProcessInfo.processInfo.environment
                .merging(["PATH": BrokerProgram.searchPath]) { $1 }
                .merging(environment) { $1 },
            output: folder.file("\(name).out"),
            errors: folder.file("\(name).err"),
            directory: folder.path
        )
        Survivors.add(pid)
    }

    deinit {
        kill()
    }

    /// What it has written to standard output so far.
    public var output: String { folder.read("\(name).out") }

    /// What it has written to standard error so far.
    public var errors: String { folder.read("\(name).err") }

    /// How it ended, or `nil` while it runs.
    public var exit: Exit? {
        ended.withLock { ended in
            if ended == nil {
                var status: Int32 = 0
                if waitpid(pid, &status, WNOHANG) == pid {
                    let signal = status & 0x7F
                    ended = signal == 0 ? .code((status >> 8) & 0xFF) : .signal(signal)
                    Survivors.remove(pid)
                }
            }
            return ended
        }
    }

    /// Sends a signal, unless it has ended.
    public func send(_ signal: Int32) {
        ended.withLock { ended in
            if ended == nil { _ = Foundation.kill(pid, signal) }
        }
    }

    /// Waits until it ends.
    ///
    /// Throws, and leaves it running, when that takes too long.
    @discardableResult
    public func wait(timeout: Duration = .seconds(20)) async throws -> Exit {
        try await offPool { try self.waitBlocking(timeout: timeout) }
    }

    /// As ``wait(timeout:)``, on the thread of the caller.
    @discardableResult
    public func waitBlocking(timeout: Duration = .seconds(20)) throws -> Exit {
        guard let exit = Deadline(in: timeout).poll({ exit }) else {
            throw FixtureError(
                "\(name) still runs after \(timeout); it wrote:\n\(output)\n\(errors)"
            )
        }
        return exit
    }

    /// Asks it to end, waits, and kills it if it does not.
    @discardableResult
    public func terminate(timeout: Duration = .seconds(20)) async throws -> Exit {
        try await offPool { try self.terminateBlocking(timeout: timeout) }
    }

    /// As ``terminate(timeout:)``, on the thread of the caller.
    @discardableResult
    public func terminateBlocking(timeout: Duration = .seconds(20)) throws -> Exit {
        send(SIGTERM)
        send(SIGCONT)
        if let exit = Deadline(in: timeout).poll({ exit }) { return exit }
        kill()
        throw FixtureError("\(name) had to be killed: it did not end within \(timeout) of SIGTERM")
    }

    /// Ends it at once.
    public func kill() {
        send(SIGKILL)
        _ = Deadline(in: .seconds(10)).poll { exit }
    }

    /// Runs a program to its end and returns its standard output.
    ///
    /// Throws when it fails.
    @discardableResult
    public static func run(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        timeout: Duration = .seconds(20)
    ) async throws -> String {
        try await offPool {
            try runBlocking(program, arguments, environment: environment, timeout: timeout)
        }
    }

    /// As ``run(_:_:environment:timeout:)``, on the thread of the caller.
    @discardableResult
    public static func runBlocking(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        timeout: Duration = .seconds(20)
    ) throws -> String {
        let child = try Child(program, arguments, environment: environment)
        let exit = try child.waitBlocking(timeout: timeout)
        guard exit == .code(0) else {
            throw FixtureError("\(program) ended with \(exit): \(child.output)\(child.errors)")
        }
        return child.output
    }
}
