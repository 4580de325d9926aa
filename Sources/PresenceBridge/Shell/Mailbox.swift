import Glibc
import Synchronization

/// What other threads ask of the loop's thread, and the pipe that wakes it.
final class Mailbox: Sendable {
    private let orders = Mutex(Orders())
    private let reader: Int32
    private let writer: Int32

    /// - Throws: the system's error number if there is no pipe to be had.
    init() throws(Errno) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Errno(code: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Readable when there is something to take.
    var fileDescriptor: Int32 { reader }

    /// Asks for an orderly end.
    func stop() { post { $0.stops = true } }

    /// Asks for the configuration to be read again.
    func reload() { post { $0.reloads = true } }

    private func post(_ change: (inout sending Orders) -> Void) {
        orders.withLock { change(&$0) }
        var byte: UInt8 = 1
        // A full pipe wakes as well as one more byte.
        _ = write(writer, &byte, 1)
    }

    /// Takes what was asked since the last time.
    func take() -> Orders {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(reader, &bytes, bytes.count) > 0 {}
        return orders.withLock { orders in
            defer { orders = Orders() }
            return orders
        }
    }
}

/// An error number of the system.
struct Errno: Error, CustomStringConvertible {
    let code: Int32

    var description: String { String(cString: strerror(code)) }
}
