import Foundation
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Testing

@testable import PresenceHTTP

/// A guarded connection on a clock of its own, as it is put together by the server; the test answers.
private final class GuardedChannel {
    private let channel: EmbeddedChannel

    /// - Parameter patience: in seconds.
    init(patience: Int64 = 30) throws {
        channel = EmbeddedChannel()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withErrorHandling: false
        )
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(ConnectionGuard(patience: .seconds(patience)))
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
    }

    deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

    var isOpen: Bool { channel.isActive }

    func receive(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }
    func pass(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

    /// Answers the next request with a status.
    func answer(_ status: HTTPResponse.Status) throws {
        let head = HTTPResponse(status: status, headerFields: [.contentLength: "0"])
        try channel.writeOutbound(HTTPResponsePart.head(head))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    /// The statuses of what was sent, in order.
    var statuses: [Int] {
        get throws {
            var text = ""
            while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
                text += String(buffer: buffer)
            }
            return text.components(separatedBy: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
        }
    }
}

@Suite("The guard of a connection")
struct ConnectionGuardTests {
    private static let call = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let start = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"

    @Test("What is no HTTP behind calls is told after their answers, and not in the place of one")
    func garbage() throws {
        let channel = try GuardedChannel()
        try channel.receive(Self.call + Self.call + "HELO bridge\r\n\r\n")
        #expect(try channel.statuses == [])
        try channel.answer(.ok)
        #expect(try channel.statuses == [200])
        try channel.answer(.notFound)
        #expect(try channel.statuses == [404, 400])
        #expect(!channel.isOpen)
    }

    @Test("A whole request has its time, however long the connection waited for it")
    func waited() throws {
        let channel = try GuardedChannel()
        channel.pass(29)
        try channel.receive("GET /livez HT")
        channel.pass(29)
        try channel.receive("TP/1.1\r\nHost: a\r\n\r\n")
        try channel.answer(.ok)
        channel.pass(29)
        try channel.receive(Self.start)
        channel.pass(29)
        try channel.receive("12345678")
        try channel.answer(.ok)
        #expect(try channel.statuses == [200, 200])
        channel.pass(29)
        #expect(channel.isOpen)
        channel.pass(1)
        #expect(!channel.isOpen)
    }

    @Test("A request is cut off that does not end in its time, though something comes of it")
    func trickle() throws {
        let channel = try GuardedChannel()
        for number in 1...3 {
            try channel.receive(number == 1 ? "GET /" : "x")
            channel.pass(9)
        }
        #expect(channel.isOpen)
        channel.pass(3)
        #expect(!channel.isOpen)
    }

    @Test("Nobody is cut off who waits for an answer, and the next request has its time after that")
    func answering() throws {
        let channel = try GuardedChannel()
        try channel.receive(Self.call + Self.start)
        channel.pass(100)
        #expect(channel.isOpen)
        try channel.answer(.ok)
        channel.pass(29)
        #expect(channel.isOpen)
        channel.pass(1)
        #expect(!channel.isOpen)
    }

    @Test("A client is told to go on, unless it still waits for the answer to an earlier call")
    func expectation() throws {
        let channel = try GuardedChannel()
        let head =
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
        try channel.receive(head)
        #expect(try channel.statuses == [100])
        try channel.receive("{" + head)
        #expect(try channel.statuses == [])
        try channel.answer(.ok)
        #expect(try channel.statuses == [200])
    }
}
