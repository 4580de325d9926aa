import CMosquitto

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Connection {
    /// The socket to wait for, or `nil` when there is none. It may change until the connection is
    /// made.
    public var fileDescriptor: Int32? {
        let descriptor = mosquitto_socket(handle)
        return descriptor < 0 || state == .finished ? nil : descriptor
    }

    /// Whether something waits to be sent: then wait for the socket to take it, and call
    /// ``write()``.
    public var wantsWrite: Bool {
        state != .finished && mosquitto_want_write(handle)
    }

    /// Reads packets until the socket is empty, `limit` packets at most.
    ///
    /// Returns whether more may be waiting: then call again before waiting for the socket, for with
    /// TLS what is left may already be out of it.
    @discardableResult
    public func read(limit: Int = 256) -> Bool {
        isReading = true
        defer {
            isReading = false
            settle()
        }
        for _ in 0..<limit {
            guard mosquitto_socket(handle) >= 0, state != .finished else { return false }
            let before = events.count
            errno = 0
            let code = mosquitto_loop_read(handle, 1)
            let cause = errno
            if code != 0 {
                return false
            }
            // A packet that was handled may have left a stale EAGAIN behind, of the library's own
            // wake-up socket, which nobody drains here. Only without an event does it mean empty.
            if events.count == before, cause == EAGAIN || cause == EWOULDBLOCK {
                return false
            }
        }
        return true
    }

    /// Writes what is queued until all is sent or the socket takes no more.
    public func write() {
        guard mosquitto_socket(handle) >= 0, state != .finished else { return }
        errno = 0
        mosquitto_loop_write(handle, 1)
        settle()
    }

    /// Sends a ping if it is time for one, and gives up on a broker that answers none. To be
    /// called once a second.
    public func tick() {
        guard mosquitto_socket(handle) >= 0, state != .finished else { return }
        errno = 0
        mosquitto_loop_misc(handle)
        settle()
    }
}
