import BrokerFixture
import Foundation
import Synchronization

/// Stands between libpq and a server, on a Unix socket of its own: passes what both say, until it is told otherwise.
public final class DatabaseRelay: Sendable {
    /// What is lost of a `COMMIT`, and the connection with it.
    public enum Loss: Sendable {
        /// It does not reach the server.
        case request
        /// The server does it, and its answer does not come back.
        case answer
    }

    private let folder: TemporaryFolder
    private let gate: RelayGate
    private let listener: Int32

    /// Stands before a server.
    public init(to server: DatabaseServer) throws {
        folder = try TemporaryFolder()
        let gate = RelayGate()
        self.gate = gate
        let listener = try UnixSocket.listen(at: folder.file(UnixSocket.name))
        self.listener = listener
        let target = "\(server.path)/\(UnixSocket.name)"
        Thread.detachNewThread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                guard !gate.isShut else {
                    close(client)
                    continue
                }
                Thread.detachNewThread { Self.pass(client, to: target, gate) }
            }
            close(listener)
        }
    }

    /// Passes what a client says to the server, until one of them ends.
    private static func pass(_ client: Int32, to target: String, _ gate: RelayGate) {
        gate.enter(client)
        defer {
            gate.leave(client)
            close(client)
        }
        gate.awaitVoice()
        guard !gate.isShut, let server = try? UnixSocket.connect(to: target) else { return }
        gate.enter(server)
        defer {
            gate.leave(server)
            close(server)
        }
        RelayedConnection(client, server, gate).run()
    }

    deinit {
        gate.set(.shut, endingConnections: true)
        // Whoever waits for a connection finds out.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// The URI of the server's database, by this way.
    public var uri: String {
        "postgresql://\(DatabaseServer.name)@/\(DatabaseServer.name)?host=\(folder.path)"
    }

    /// Loses one of the `COMMIT`s to come.
    ///
    /// - Parameters:
    ///   - commits: how many pass before it.
    ///   - isShut: whether nobody is let in afterwards, until ``open()``.
    public func lose(_ loss: Loss, after commits: Int = 0, thenShut isShut: Bool) {
        gate.plan(loss, after: commits, thenShut: isShut)
    }

    /// Holds up what both sides say, and whoever comes, until ``open(endingConnections:)``: neither side learns of it.
    public func silence() { gate.set(.silent, endingConnections: false) }

    /// Ends all connections, and lets nobody in until ``open(endingConnections:)``.
    public func cut() { gate.set(.shut, endingConnections: true) }

    /// Lets in whoever comes, and passes what was held up.
    ///
    /// - Parameter isEnd: whether the connections that stand are over.
    public func open(endingConnections isEnd: Bool = false) {
        gate.set(.open, endingConnections: isEnd)
    }

    /// How often something was lost.
    public var losses: Int { gate.losses }
}
