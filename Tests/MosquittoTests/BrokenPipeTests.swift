import BrokerFixture
import Foundation
import Mosquitto
import Testing

/// What a program needs to be the app of ``BrokenPipeTests``.
private enum App {
    static let environment = ProcessInfo.processInfo.environment
    static let isWanted = environment["BROKEN_PIPE_PORT"] != nil
}

/// A broker that vanishes while it is written to with TLS, and an app that does nothing about SIGPIPE.
///
/// libmosquitto 2.0.14 and earlier ignore the signal for the whole process, and then the tests hold by
/// the library's own doing; from 2.0.15 on they hold by this module's.
@Suite("SIGPIPE")
struct BrokenPipeTests {
    @Test("An app outlives a broker that is killed, and its own way with the signal is left alone")
    func outlives() async throws {
        let broker = try await Broker.start(BrokerOptions { $0.tls = true })
        let child = try Child(
            CommandLine.arguments[0],
            ["--testing-library", "swift-testing", "--filter", "BrokenPipeTests/app"],
            environment: [
                "BROKEN_PIPE_PORT": "\(try #require(broker.tlsPort))",
                "BROKEN_PIPE_CA": broker.certificateAuthority,
            ]
        )
        let begun = ContinuousClock.now
        while !child.output.contains("connected\n"), begun + .seconds(20) > .now {
            try await Task.sleep(for: .milliseconds(50))
        }
        broker.kill()
        #expect(try await child.wait(timeout: .seconds(20)) == .code(0), "\(child.output)")
        #expect(child.output.contains("alive\n"), "\(child.output)")
    }

    @Test("The app of the other test, a process of its own", .enabled(if: App.isWanted))
    func app() throws {
        let port = try #require(App.environment["BROKEN_PIPE_PORT"].flatMap(UInt16.init))
        var options = ConnectionOptions(clientID: "", host: "localhost", port: port)
        options.tls = TLSOptions(certificateAuthorityFile: App.environment["BROKEN_PIPE_CA"])
        signal(SIGPIPE, SIG_DFL)
        let connection = try Connection(options)
        try connection.connect()
        while !connection.isConnected {
            wait(connection, POLLIN | (connection.wantsWrite ? POLLOUT : 0))
            connection.read()
            connection.write()
        }
        let before = disposition
        FileHandle.standardOutput.write(Data("connected\n".utf8))
        // The socket is readable when the broker has gone; what it says then is not read.
        wait(connection, POLLIN)
        for _ in 0..<3 {
            _ = try? connection.publish(Message(topic: "a", payload: "x", qos: 1))
            connection.write()
            // The other side's answer to the first one comes at once on this machine.
            usleep(100_000)
        }
        #expect(connection.takeEvents().contains { if case .closed = $0 { true } else { false } })
        #expect(disposition == before)
        var set = sigset_t()
        sigpending(&set)
        #expect(sigismember(&set, SIGPIPE) == 0)
        pthread_sigmask(SIG_BLOCK, nil, &set)
        #expect(sigismember(&set, SIGPIPE) == 0)
        FileHandle.standardOutput.write(Data("alive\n".utf8))
    }

    /// Whether the signal ends the process.
    private var disposition: Bool {
        var action = sigaction()
        sigaction(SIGPIPE, nil, &action)
        return action.__sigaction_handler.sa_handler == nil
    }

    private func wait(_ connection: Connection, _ events: Int32) {
        guard let socket = connection.fileDescriptor else { return }
        var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
        poll(&descriptor, 1, 20_000)
    }
}
