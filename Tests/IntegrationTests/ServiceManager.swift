import BrokerFixture
import Foundation

/// A service manager's socket, which keeps what it is told.
final class ServiceManager {
    /// What stands in `NOTIFY_SOCKET`.
    let path: String
    private let descriptor: Int32

    /// A path at which no socket is yet, or a name without a file.
    static func newPath(isAbstract: Bool = false) -> String {
        "\(isAbstract ? "@" : "/tmp/")presence-\(UUID().uuidString.prefix(8))"
    }

    /// Opens the socket at a path, or by a name that begins with `@`.
    init(path: String = newPath()) throws {
        self.path = path
        let isAbstract = path.hasPrefix("@")
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { throw FixtureError("no socket: \(errno)") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count + (isAbstract ? 0 : 1))
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length)
            }
        }
        guard result == 0 else { throw FixtureError("no socket at \(path): \(errno)") }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// The lines of what comes next; `nil` when nothing comes in time.
    func next(within timeout: Duration) async -> [String]? {
        let deadline = ContinuousClock.now + timeout
        let descriptor = descriptor
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let left = max(0, (deadline - .now) / .milliseconds(1))
                guard poll(&wanted, 1, Int32(left)) > 0 else {
                    return continuation.resume(returning: nil)
                }
                var bytes = [UInt8](repeating: 0, count: 4_096)
                let length = recv(descriptor, &bytes, bytes.count, 0)
                let text = String(decoding: bytes.prefix(max(0, length)), as: UTF8.self)
                continuation.resume(returning: text.split(separator: "\n").map(String.init))
            }
        }
    }

    /// Awaits a line, and what else is said until then.
    func expect(_ line: String, log: @autoclosure () -> String) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        var heard: [String] = []
        while let lines = await next(within: deadline - .now) {
            heard += lines
            if lines.contains(line) { return }
        }
        throw FixtureError("waited in vain for \(line); heard \(heard); \(log())")
    }
}
