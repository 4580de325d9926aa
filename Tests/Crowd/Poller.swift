import CEpoll
import Glibc

/// Waits for many sockets at once, at a cost that does not grow with those that are silent.
///
/// Each socket is known by a number of its owner's. A socket that is closed is forgotten by the
/// system; its owner says so with ``forget(_:)``, so that the number of the next one is not taken
/// for it.
public final class Poller {
    private struct Interest: Equatable {
        var token: Int
        var writes: Bool
    }

    private let descriptor: Int32
    private var interests: [Int32: Interest] = [:]
    private var ready = [epoll_event](repeating: epoll_event(), count: 1_024)

    /// One that waits for nothing yet.
    public init() { descriptor = epoll_create1(Int32(EPOLL_CLOEXEC)) }

    deinit { close(descriptor) }

    /// Waits for a socket to be readable, and if wanted writable.
    public func watch(_ socket: Int32, token: Int, writes: Bool) {
        let interest = Interest(token: token, writes: writes)
        let before = interests[socket]
        guard before != interest else { return }
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (writes ? EPOLLOUT.rawValue : 0)
        event.data.u64 = UInt64(token)
        let change = before == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        if epoll_ctl(descriptor, change, socket, &event) != 0 {
            // The number was used again, or closed without a word.
            _ = epoll_ctl(
                descriptor,
                before == nil ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
                socket,
                &event
            )
        }
        interests[socket] = interest
    }

    /// Forgets a socket, which may be closed already.
    public func forget(_ socket: Int32, token: Int) {
        guard interests[socket]?.token == token else { return }
        interests[socket] = nil
        // One that is closed, and whose number nobody has again, is not there any more.
        var event = epoll_event()
        _ = epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, &event)
    }

    /// Waits, and returns the numbers of those that can be read or written.
    public func wait(milliseconds: Int32) -> [Int] {
        let count = epoll_wait(descriptor, &ready, Int32(ready.count), milliseconds)
        guard count > 0 else { return [] }
        return ready[..<Int(count)].map { Int($0.data.u64) }
    }
}
