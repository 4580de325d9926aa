import Foundation

/// A TCP port of the loopback interface that is given to nobody else while this object lives.
///
/// A socket is bound to it and does not listen: calls are refused until a server listens there, one
/// that sets `SO_REUSEADDR`, as mosquitto does. So a port stays its owner's while a broker starts, and
/// while one starts again; it would be an accident if two brokers of two tests met on one.
public final class ReservedPort: Sendable {
    /// The port.
    public let port: UInt16
    private let descriptor: Int32

    /// Reserves a free port.
    public init() throws {
        (descriptor, port) = try Ports.bindFree()
        // Only now: with it, the kernel might have chosen a port that is reserved.
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size) == 0 else {
            close(descriptor)
            throw FixtureError("port \(port) cannot be shared: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }
}
