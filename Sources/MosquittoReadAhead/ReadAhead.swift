import CReadAhead
import Mosquitto

/// Fetches of a socket what has come, up to 64 KiB by one call of the system.
///
/// With a store of a million users the reading at a start takes half of the processor's time that it
/// takes without, and each request a little less.
@safe public final class ReadAhead: SocketBuffer {
    private static let capacity = 65_536

    private let bytes: OpaquePointer?

    /// A buffer with nothing in it.
    ///
    /// Where there is no memory for it the socket is read without.
    public init() { unsafe bytes = read_ahead_create(Self.capacity) }

    deinit {
        if let bytes = unsafe bytes { unsafe read_ahead_destroy(bytes) }
    }

    /// Whether all that was fetched was given out.
    public var isEmpty: Bool { unsafe bytes.map { unsafe read_ahead_is_empty($0) } ?? true }

    /// Forgets what was not given out.
    public func removeAll() {
        if let bytes = unsafe bytes { unsafe read_ahead_clear(bytes) }
    }

    /// Lets what the body reads of a socket, on this thread, come by way of what was fetched.
    public func reading<Result>(_ descriptor: Int32, _ body: () -> Result) -> Result {
        guard let bytes = unsafe bytes else { return body() }
        unsafe read_ahead_begin(bytes, descriptor)
        defer { read_ahead_end() }
        return body()
    }
}
