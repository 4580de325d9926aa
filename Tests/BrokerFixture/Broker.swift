import Foundation
import Synchronization

/// A real mosquitto on a free port of the loopback interface, in a folder of its own.
///
/// It is killed when the object goes. Port, folder, users and certificates stay the same over a
/// restart.
public final class Broker: Sendable {
    /// What it is configured with.
    public let options: BrokerOptions
    /// Its folder, with its configuration, its log and its database.
    public let folder: TemporaryFolder
    /// The address at which it listens.
    public let host = "127.0.0.1"
    private let reserved: ReservedPort
    private let reservedTLS: ReservedPort?
    private let process: Mutex<Child?>

    /// Starts a broker and waits until it accepts connections.
    public static func start(_ options: BrokerOptions = BrokerOptions()) async throws -> Broker {
        try await offPool { try Broker(options) }
    }

    /// As ``start(_:)``, on the thread of the caller.
    public init(_ options: BrokerOptions = BrokerOptions()) throws {
        self.options = options
        reserved = try ReservedPort()
        reservedTLS = options.tls ? try ReservedPort() : nil
        folder = try TemporaryFolder()
        try options.writeFiles(to: folder)
        try folder.write(
            options.configuration(in: folder, port: reserved.port, tlsPort: reservedTLS?.port),
            to: "mosquitto.conf"
        )
        process = Mutex(try Self.launch(in: folder, port: reserved.port))
    }

    private static func launch(in folder: TemporaryFolder, port: UInt16) throws -> Child {
        let child = try Child(
            "mosquitto",
            ["-c", folder.file("mosquitto.conf")],
            folder: folder
        )
        let serves: Bool? = Deadline(in: .seconds(20)).poll {
            if child.exit != nil { return false }
            return Ports.serves(port) ? true : nil
        }
        guard serves == true else {
            child.kill()
            throw FixtureError(
                "mosquitto does not start: \(child.errors)\(folder.read("mosquitto.log"))"
            )
        }
        return child
    }

    /// The port without encryption.
    public var port: UInt16 { reserved.port }

    /// The port with TLS, if it was asked for.
    public var tlsPort: UInt16? { reservedTLS?.port }

    /// The path of its Unix socket, if it was asked for.
    public var socketPath: String { folder.file("mqtt.sock") }

    /// The file with the authority that signed its certificate.
    public var certificateAuthority: String { folder.file("ca.pem") }

    /// All that it has logged.
    public var log: String { folder.read("mosquitto.log") }

    /// Its process, or `nil` while it is stopped.
    public var child: Child? { process.withLock { $0 } }

    /// Stops it properly: it sends every will on its way out, and saves.
    public func stop() async throws {
        try await offPool { try self.stopBlocking() }
    }

    /// As ``stop()``, on the thread of the caller.
    public func stopBlocking() throws {
        let child = process.withLock { process in
            defer { process = nil }
            return process
        }
        try child?.terminateBlocking()
    }

    /// Kills it: it sends no will, and what was not saved is lost.
    public func kill() {
        let child = process.withLock { process in
            defer { process = nil }
            return process
        }
        child?.kill()
    }

    /// Stops it, if it runs, and starts it again on the same port and in the same folder.
    public func restart(killing: Bool = false) async throws {
        try await offPool {
            if killing {
                self.kill()
            } else {
                try self.stopBlocking()
            }
            let child = try Self.launch(in: self.folder, port: self.port)
            self.process.withLock { $0 = child }
        }
    }

    /// Lets it do nothing any more, with every connection open.
    public func pause() { child?.send(SIGSTOP) }

    /// Lets it go on.
    public func resume() { child?.send(SIGCONT) }

    /// Lets it read its configuration, users and access control list again.
    public func reload() { child?.send(SIGHUP) }

    /// Lets it save what it has, and waits until that is on disk.
    public func save() async throws {
        try await offPool {
            let before = self.databaseVersion
            self.child?.send(SIGUSR1)
            let saved: Bool? = Deadline(in: .seconds(20)).poll {
                self.databaseVersion == before ? nil : true
            }
            if saved == nil {
                throw FixtureError("mosquitto has not saved within 10 s; its log:\n\(self.log)")
            }
        }
    }

    /// What changes whenever the database is replaced.
    private var databaseVersion: [Int] {
        var status = stat()
        guard stat(folder.file("mosquitto.db"), &status) == 0 else { return [] }
        return [Int(status.st_ino), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }
}
