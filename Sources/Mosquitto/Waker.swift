import Glibc

/// Waits for the socket of a connection, and lets other threads end the wait.
package final class Waker: Sendable {
    private let reader: Int32
    private let writer: Int32

    /// - Throws: when the process has no file descriptors left.
    package init() throws(NoDescriptor) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw NoDescriptor(code: errno) }
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

    /// Can be read from when somebody has woken, until a wait has ended by it.
    var descriptor: Int32 { reader }

    /// Ends the wait that goes on, or else the next one; from any thread.
    package func wake() {
        var byte: UInt8 = 1
        // A full pipe wakes as well as one more byte.
        _ = unsafe write(writer, &byte, 1)
    }

    /// Waits until the socket can be read, or written if that is wanted, until somebody wakes, or
    /// for so many milliseconds.
    package func wait(for descriptor: Int32?, toWrite: Bool = false, milliseconds: Int64) {
        wait(for: descriptor.map { [($0, toWrite)] } ?? [], milliseconds: milliseconds)
    }

    /// Waits until one of the sockets can be read, or written if that is wanted, until somebody wakes,
    /// or for so many milliseconds.
    package func wait(for sockets: [(descriptor: Int32, toWrite: Bool)], milliseconds: Int64) {
        var descriptors = [pollfd(fd: reader, events: Int16(POLLIN), revents: 0)]
        for (descriptor, toWrite) in sockets {
            let events = toWrite ? POLLIN | POLLOUT : POLLIN
            descriptors.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
        }
        unsafe poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: milliseconds))
        guard descriptors[0].revents != 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe read(reader, &bytes, bytes.count) > 0 {}
    }
}

/// The process, or the system, has no file descriptor left to wait with.
package struct NoDescriptor: Error, CustomStringConvertible {
    let code: Int32

    /// The system's words.
    package var description: String {
        unsafe "no file descriptor: \(String(cString: strerror(code)))"
    }
}
