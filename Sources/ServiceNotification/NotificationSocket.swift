import Glibc

/// The socket on which a service manager is told how a service fares, as sd_notify(3) has it.
///
/// Each message is one datagram of lines `NAME=value`, and the manager answers none.
@safe public final class NotificationSocket: Sendable {
    private let descriptor: Int32
    private let path: [UInt8]

    /// Opens a socket to the manager's.
    ///
    /// - Parameter path: what stands in `NOTIFY_SOCKET`: the path of a socket, or a name behind an `@`,
    ///   which is in the abstract namespace; 107 bytes at most.
    /// - Throws: `NotificationError` for another text, or where the process has no file descriptor left.
    public init(path: String) throws(NotificationError) {
        var bytes = Array(path.utf8)
        guard let first = bytes.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
            bytes.count < Self.longest
        else {
            throw NotificationError(
                "NOTIFY_SOCKET is an absolute path or @name of less than \(Self.longest) bytes, not '\(path)'"
            )
        }
        if first == UInt8(ascii: "@") { bytes[0] = 0 }
        self.path = bytes
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_UNIX, kind | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw NotificationError(code: errno) }
    }

    deinit { close(descriptor) }

    private static var longest: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) }

    /// Sends one message; waits for nobody.
    ///
    /// - Throws: where the manager's socket is gone, or takes nothing for now.
    public func send(_ lines: [String]) throws(NotificationError) {
        let message = Array(lines.joined(separator: "\n").utf8)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        let head = MemoryLayout<sockaddr_un>.size - Self.longest
        // A path ends with a NUL; an abstract name is as long as it is.
        let length = socklen_t(head + path.count + (path[0] == 0 ? 0 : 1))
        let sent = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe sendto(
                    descriptor,
                    message,
                    message.count,
                    Int32(MSG_NOSIGNAL),
                    generic,
                    length
                )
            }
        }
        guard sent >= 0 else { throw NotificationError(code: errno) }
    }
}
