import CSocketBuffer
import Mosquitto

/// Fetches of a socket what has come, and hands over what goes, up to 64 KiB by one call of the system.
///
/// With a store of a million users the reading at a start takes half of the processor's time that it
/// takes without, and a request two thirds.
@safe public final class InterposedBuffer: SocketBuffer {
    private static let capacity = 65_536

    private let bytes: OpaquePointer?

    /// A buffer with nothing in it.
    ///
    /// Where there is no memory for it the socket is read and written without.
    public init() { unsafe bytes = socket_buffer_create(Self.capacity) }

    deinit {
        if let bytes = unsafe bytes { unsafe socket_buffer_destroy(bytes) }
    }

    /// Whether something was fetched that was not given out.
    public var hasUnread: Bool { unsafe bytes.map { unsafe socket_buffer_has_unread($0) } ?? false }

    /// Whether something was written that the kernel has not taken.
    public var hasUnsent: Bool { unsafe bytes.map { unsafe socket_buffer_has_unsent($0) } ?? false }

    /// Forgets what was not given out, and what was not sent.
    public func removeAll() {
        if let bytes = unsafe bytes { unsafe socket_buffer_clear(bytes) }
    }

    /// Lets what the body reads and writes of a socket, on this thread, go by way of the buffer.
    public func using<Result>(_ descriptor: Int32, _ body: () -> Result) -> Result {
        guard let bytes = unsafe bytes else { return body() }
        unsafe socket_buffer_begin(bytes, descriptor)
        defer { socket_buffer_end() }
        return body()
    }

    /// Gives the kernel what was written; returns the `errno` of what it refused, or 0.
    public func send(to descriptor: Int32) -> Int32 {
        unsafe bytes.map { unsafe socket_buffer_send($0, descriptor) } ?? 0
    }
}
