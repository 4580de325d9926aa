import Foundation

/// TCP ports of the loopback interface.
public enum Ports {
    /// A socket that listens on a free port; the caller closes it.
    public static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let (descriptor, port) = try bindFree()
        guard Foundation.listen(descriptor, 64) == 0 else {
            throw FixtureError("no listener: \(String(cString: strerror(errno)))")
        }
        return (descriptor, port)
    }

    /// A socket that is bound to a free port; the caller closes it.
    static func bindFree() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = open()
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0
                    && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard isBound else {
            throw FixtureError("no free port: \(String(cString: strerror(errno)))")
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// Whether an MQTT broker serves a port.
    ///
    /// That it listens is not enough: a SIGTERM that comes before mosquitto's loop runs is lost.
    /// So it is sent a PINGREQ that no CONNECT went before, upon which it must hang up.
    public static func serves(_ port: UInt16) -> Bool {
        guard let descriptor = connect(port) else { return false }
        defer { close(descriptor) }
        let ping: [UInt8] = [0xC0, 0x00]
        guard send(descriptor, ping, ping.count, Int32(MSG_NOSIGNAL)) == ping.count else {
            return false
        }
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waited, 1, 2_000) == 1
    }

    /// A socket that is connected to a port, which the caller closes; `nil` if nobody listens there.
    public static func connect(_ port: UInt16) -> Int32? {
        let descriptor = open()
        var address = loopback(port: port)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Foundation.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
                    == 0
            }
        }
        if isConnected { return descriptor }
        close(descriptor)
        return nil
    }

    private static func open() -> Int32 {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
