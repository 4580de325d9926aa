import Glibc

/// The addresses of a host, in the order in which the system prefers them.
///
/// The library tries only the first address when it must not block, so a name with an IPv6 address
/// at which nobody listens would never be reached by its IPv4 address.
enum HostAddresses {
    /// What a look-up came to.
    enum Outcome: Sendable {
        case found([String])
        case notFound(String)
    }

    /// Whether a host is an address already, which nobody has to look up.
    static func isAddress(_ host: String) -> Bool {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST
        var list: UnsafeMutablePointer<addrinfo>?
        defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
        return unsafe getaddrinfo(host, nil, &hints, &list) == 0
    }

    /// Looks a name up.
    ///
    /// Blocks for as long as the system's resolver does.
    static func lookUp(_ host: String) -> Outcome {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            return .notFound(unsafe "\(host): \(String(cString: gai_strerror(code)))")
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [String] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe text(of: entry.pointee), !addresses.contains(address) {
                addresses.append(address)
            }
            unsafe next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .notFound("\(host): no address") : .found(addresses)
    }

    private static func text(of entry: addrinfo) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = unsafe getnameinfo(
            entry.ai_addr,
            entry.ai_addrlen,
            &buffer,
            socklen_t(buffer.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        guard code == 0 else { return nil }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }
}
