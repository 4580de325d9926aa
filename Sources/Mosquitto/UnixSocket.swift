import Glibc

/// The Unix sockets at which brokers listen.
enum UnixSocket {
    /// Why a socket cannot be reached, as `errno` says it; `nil` when it can.
    ///
    /// libmosquitto 2.1 closes its own end before it returns, and what it reports is of that.
    static func cause(at path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        // A listener whose queue is full must not hold up the caller.
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let isPlaced = unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
            guard bytes.count < place.count else { return false }
            unsafe place.copyBytes(from: bytes)
            return true
        }
        guard isPlaced else { return ENAMETOOLONG }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(descriptor, generic, length)
            }
        }
        return result == 0 ? nil : errno
    }
}
