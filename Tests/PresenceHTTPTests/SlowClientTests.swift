import BrokerFixture
import Foundation
import Logging
import Synchronization
import Testing

@testable import PresenceHTTP

@Suite("Clients that are slow")
struct SlowClientTests {
    /// Runs a server with little patience while a body talks to it.
    private static func withServer(
        patience: Duration = .milliseconds(300),
        _ body: @escaping @Sendable (UInt16) throws -> Void
    ) async throws {
        let server = HTTPServer(
            HTTPOptions(.tcp(host: "127.0.0.1", port: 0), patience: patience),
            desk: FixedDesk(),
            tokens: Tokens([], rate: 1),
            version: "1",
            log: Logger(label: "http") { _ in SwiftLogNoOpLogHandler() }
        )
        let (ports, continuation) = AsyncStream.makeStream(of: UInt16.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run { address in
                    if case .tcp(_, let port) = address { continuation.yield(UInt16(port)) }
                }
                continuation.finish()
            }
            for await port in ports {
                try await offPool { try body(port) }
                break
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private static func send(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// All that comes until the other side ends the connection.
    private static func rest(of descriptor: Int32) -> String {
        var all: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &room, room.count, 0)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += room[..<count]
        }
    }

    @Test(
        "A request that does not come to its end is cut off, wherever it stops",
        arguments: [
            "", "GET", "GET /livez HTTP/1.1\r\nHost: a\r\n",
            "POST /v1/users/query HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{",
            "POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        ]
    )
    func unfinished(start: String) async throws {
        try await Self.withServer { port in
            let descriptor = try #require(Ports.connect(port))
            defer { close(descriptor) }
            Self.send(start, to: descriptor)
            _ = Self.rest(of: descriptor)
        }
    }

    @Test("One that goes on byte by byte is cut off as well")
    func trickle() async throws {
        try await Self.withServer { port in
            let descriptor = try #require(Ports.connect(port))
            defer { close(descriptor) }
            Self.send("GET /livez HTTP/1.1\r\nX: ", to: descriptor)
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            var sent = 0
            while Foundation.poll(&poll, 1, 20) == 0 {
                Self.send("a", to: descriptor)
                sent += 1
                try #require(sent < 1_000)
            }
            #expect(Self.rest(of: descriptor) == "")
        }
    }

    @Test("A connection serves one call after another, and an idle one ends")
    func keptAlive() async throws {
        try await Self.withServer(patience: .seconds(2)) { port in
            let descriptor = try #require(Ports.connect(port))
            defer { close(descriptor) }
            let call = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
            Self.send(call + call + "GET /none HTTP/1.1\r\nHost: a\r\n\r\n", to: descriptor)
            let answers = Self.rest(of: descriptor)
            #expect(answers.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
            #expect(answers.components(separatedBy: "HTTP/1.1 404 Not Found").count == 2)
            #expect(answers.contains("\"code\":\"unknown_operation\""))
        }
    }

    @Test("Who does not read what it is answered is cut off")
    func reader() async throws {
        try await Self.withServer { port in
            let descriptor = try #require(Ports.connect(port))
            defer { close(descriptor) }
            // More documents than the kernel's buffers hold.
            let call = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
            for _ in 0..<20 { Self.send(String(repeating: call, count: 100), to: descriptor) }
            // It reads nothing until nothing more has come for ten times the server's patience: what the
            // kernel holds by then is all that it gets.
            var (held, quiet) = (0, 0)
            var poll = pollfd(fd: descriptor, events: 0, revents: 0)
            var room = [UInt8](repeating: 0, count: 32 << 20)
            while quiet < 30 {
                _ = Foundation.poll(&poll, 1, 100)
                let count = recv(
                    descriptor,
                    &room,
                    room.count,
                    Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
                )
                guard count > 0 || (count < 0 && errno == EAGAIN) else { break }
                quiet = count > 0 && count == held ? quiet + 1 : 0
                held = count
            }
            let answers = Self.rest(of: descriptor).components(separatedBy: "HTTP/1.1 200 OK")
            #expect(answers.count < 2_000)
        }
    }

    @Test("What comes after such an answer does not keep the connection")
    func late() async throws {
        try await Self.withServer(patience: .seconds(60)) { port in
            let descriptor = try #require(Ports.connect(port))
            defer { close(descriptor) }
            let head = "POST /v1/users/query HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
            Self.send(head + "{", to: descriptor)
            #expect(Self.rest(of: descriptor).hasPrefix("HTTP/1.1 401 "))
            // The request ends, and more comes. Once the other side has closed all of it, that is refused.
            var poll = pollfd(fd: descriptor, events: 0, revents: 0)
            for _ in 0..<600 where poll.revents == 0 {
                Self.send("}", to: descriptor)
                _ = Foundation.poll(&poll, 1, 50)
            }
            #expect(poll.revents & Int16(POLLHUP) != 0)
        }
    }

    @Test("An answer that is told before its request has ended ends the connection")
    func early() async throws {
        try await Self.withServer(patience: .seconds(10)) { port in
            let descriptor = try #require(Ports.connect(port))
            defer { close(descriptor) }
            Self.send(
                "POST /v1/users/query HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n{",
                to: descriptor
            )
            #expect(Self.rest(of: descriptor).hasPrefix("HTTP/1.1 401 "))
        }
    }
}
