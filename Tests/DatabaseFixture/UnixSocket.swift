import BrokerFixture
import Foundation

/// What a relay needs of Unix sockets.
enum UnixSocket {
    /// The name of the socket of a server's in its folder.
    static let name = ".s.PGSQL.5432"

    static func listen(at path: String) throws -> Int32 {
        let descriptor = try make(path) { bind($0, $1, $2) }
        guard Foundation.listen(descriptor, 64) == 0 else { throw fault(path) }
        return descriptor
    }

    static func connect(to path: String) throws -> Int32 {
        try make(path) { Foundation.connect($0, $1, $2) }
    }

    /// What there is to read; `nil` at the end.
    static func read(_ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Foundation.read(descriptor, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : nil
    }

    /// Writes all; returns whether it was taken.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest.removeFirst(count)
        }
        return true
    }

    private static func make(
        _ path: String,
        _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        let stream = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, stream, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else {
            defer { close(descriptor) }
            throw fault(path)
        }
        return descriptor
    }

    private static func fault(_ path: String) -> FixtureError {
        FixtureError("\(path): \(String(cString: strerror(errno)))")
    }
}
