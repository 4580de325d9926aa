import CMosquitto
import Glibc

extension Connection {
    /// The socket to wait for, or `nil` when there is none.
    ///
    /// It may change until the connection is made.
    public var fileDescriptor: Int32? {
        guard state != .finished else { return nil }
        if let dialing { return dialing.descriptor }
        let descriptor = unsafe mosquitto_socket(handle)
        return descriptor < 0 ? nil : descriptor
    }

    /// Whether something waits to be sent: then wait for the socket to take it, and call
    /// ``write()``.
    public var wantsWrite: Bool {
        guard state != .finished, dialing == nil else { return false }
        return unsafe mosquitto_want_write(handle) || buffer?.hasUnsent ?? false
    }

    /// Reads packets until the socket is empty, about `limit` packets at most.
    ///
    /// The library itself reads as many at one go as publishes are on their way, so that it may be
    /// some more.
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
        let begun = events.count
        for _ in 0..<limit {
            guard isUsable else { return false }
            let before = events.count
            if before - begun >= limit { return true }
            let (code, cause) = calling { byBuffer { unsafe mosquitto_loop_read(handle, 1) } }
            guard code == 0 else { return false }
            // A packet that was handled may have left a stale EAGAIN behind, of the library's own
            // wake-up socket, which nobody drains here. Only without an event does it mean empty, and
            // nobody would wait for what is in the buffer.
            if events.count == before, cause == EAGAIN || cause == EWOULDBLOCK,
                !(buffer?.hasUnread ?? false)
            {
                return false
            }
        }
        return true
    }

    /// Writes what is queued until all is sent or the socket takes no more.
    public func write() {
        guard isUsable else { return }
        calling { writePackets() }
        settle()
    }

    private func writePackets() -> Int32 {
        guard let buffer, state == .connected else { return unsafe mosquitto_loop_write(handle, 1) }
        // As soon as the library has written its DISCONNECT it closes the socket: by then all has gone.
        guard hasDisconnected else {
            let code = byBuffer { unsafe mosquitto_loop_write(handle, 1) }
            return code == 0 ? send(buffer) : code
        }
        let code = send(buffer)
        return unsafe code == 0 && !buffer.hasUnsent ? mosquitto_loop_write(handle, 1) : code
    }

    /// Sends what the library has written; returns the code that it would return, and sets `errno`.
    private func send(_ buffer: any SocketBuffer) -> Int32 {
        errno = unsafe buffer.send(to: mosquitto_socket(handle))
        return errno == 0 || errno == EAGAIN ? 0 : Int32(MOSQ_ERR_ERRNO.rawValue)
    }

    /// Lets the library read and write by way of the buffer, if there is one.
    func byBuffer(_ body: () -> Int32) -> Int32 {
        guard let buffer else { return body() }
        return unsafe buffer.using(mosquitto_socket(handle), body)
    }

    /// Sends a ping if it is time for one, and gives up on a broker that answers none.
    ///
    /// To be called once a second.
    public func tick() {
        guard isUsable else { return }
        calling { unsafe mosquitto_loop_misc(handle) }
        settle()
    }

    /// Calls the library where it may write to the socket; what it returns ends the connection unless it
    /// is 0.
    @discardableResult
    private func calling(_ body: () -> Int32) -> LibraryObject.Result {
        let result = LibraryObject.call(withholdingPipe: options.tls != nil, body)
        if result.code != 0 { ended(code: result.code, cause: result.cause) }
        return result
    }

    /// Whether there is a socket that the library may go on with.
    ///
    /// During the handshake of TLS the library takes a socket that was refused, or closed by the
    /// other side, for one that needs more time, and would go on for ever. So until the broker
    /// has answered, this looks first.
    private var isUsable: Bool {
        settleDialing()
        guard state != .finished, dialing == nil else { return false }
        let socket = unsafe mosquitto_socket(handle)
        guard socket >= 0 else { return false }
        guard state == .connecting, options.tls != nil else { return true }
        notePeer()
        var byte: UInt8 = 0
        let count = unsafe recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        switch (count, errno) {
        case (0, _) where !hadPeer:
            // The library has already fetched, and forgotten, the error.
            let words = "nobody listens there, or nobody who speaks TLS"
            finish(.unreachable(place(options.host, words)))
        case (0, _): finish(.lost("the broker closed it during the handshake of TLS"))
        case (-1, let cause) where cause != EAGAIN && cause != EWOULDBLOCK && cause != EINTR:
            broke(cause: cause)
            settle()
        default: return true
        }
        return false
    }

    /// Notes whether the socket is connected, which cannot be asked any more once it was reset.
    func notePeer() {
        guard !hadPeer else { return }
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        hadPeer = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe getpeername(mosquitto_socket(handle), generic, &length) == 0
            }
        }
    }
}
