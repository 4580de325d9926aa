import BrokerFixture
import Foundation
import Presence
import Synchronization

/// Programs that call the bridge by HTTP while something else is measured: a thread that asks after a user so
/// many times a second, or connections that hold streams of changes and read nothing.
final class CallLoad: Sendable {
    private static let secret = "presence_bench"

    private let port: UInt16
    private let isOver = Mutex(false)
    private let answered = Mutex(0)
    private let ended = DispatchSemaphore(value: 0)
    private let streams: Mutex<[Int32]> = Mutex([])

    /// What a bridge is started with that is called: the tokens' file lies in a folder.
    static func settings(port: UInt16, folder: TemporaryFolder) throws -> [String: String] {
        let hash = SHA256.hash(Array(secret.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        let path = folder.file("tokens")
        try Data("bench read,write \(hash.joined())\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return [
            "http_listen": "127.0.0.1:\(port)", "http_tokens": path, "http_rate": "1000000",
            "http_connections": "2000", "history_keep": "1h",
        ]
    }

    init(port: UInt16) { self.port = port }

    private func head(_ path: String, _ more: String = "") -> [UInt8] {
        Array(
            "GET \(path) HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer \(Self.secret)\r\n\(more)\r\n"
                .utf8
        )
    }

    private func connect() throws -> Int32 {
        guard let descriptor = Ports.connect(port) else {
            throw FixtureError("no connection by HTTP")
        }
        return descriptor
    }

    // MARK: - Calls

    /// Begins to call so many times a second.
    func begin(callsPerSecond rate: Int) throws {
        isOver.withLock { $0 = false }
        answered.withLock { $0 = 0 }
        let descriptors = try (0..<8).map { _ in try connect() }
        let request = head("/v1/users/boris")
        Thread.detachNewThread { [self] in
            var number = 0
            let begun = ContinuousClock.now
            while !isOver.withLock({ $0 }) {
                let due = begun + .microseconds(1_000_000 / rate * number)
                let now = ContinuousClock.now
                if due > now { usleep(UInt32((due - now) / .microseconds(1))) }
                call(descriptors[number % descriptors.count], request)
                number += 1
            }
            for descriptor in descriptors { close(descriptor) }
            ended.signal()
        }
    }

    private func call(_ descriptor: Int32, _ request: [UInt8]) {
        // The answer of the call before on this connection.
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        if count > 0 {
            let answers = String(decoding: bytes[..<count], as: UTF8.self).split(
                separator: "HTTP/1.1 200"
            ).count
            answered.withLock { $0 += answers }
        }
        _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
    }

    /// Ends the calls; returns how many were answered.
    func end() -> Int {
        isOver.withLock { $0 = true }
        ended.wait()
        return answered.withLock { $0 }
    }

    // MARK: - Streams

    /// Opens so many streams that nobody reads, and waits until each has begun.
    func open(streams count: Int) throws {
        let request = head("/v1/changes", "Accept: text/event-stream\r\n")
        for _ in 0..<count {
            let descriptor = try connect()
            var size: Int32 = 4_096
            setsockopt(
                descriptor,
                SOL_SOCKET,
                SO_RCVBUF,
                &size,
                socklen_t(MemoryLayout<Int32>.size)
            )
            _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
            var byte: UInt8 = 0
            guard recv(descriptor, &byte, 1, 0) == 1 else {
                throw FixtureError("a stream is refused")
            }
            streams.withLock { $0.append(descriptor) }
        }
    }

    /// Closes the streams; returns how many of them were still open.
    func closeStreams() -> Int {
        let all = streams.withLock { streams in
            defer { streams = [] }
            return streams
        }
        var open = 0
        for descriptor in all {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            // What has come is there to be read; an end would be 0.
            if recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT)) != 0 { open += 1 }
            close(descriptor)
        }
        return open
    }
}
