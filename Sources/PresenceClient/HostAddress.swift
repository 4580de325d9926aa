/// The host of a broker as people write it: a name, an address, or the path of a Unix socket.
package enum HostAddress {
    /// What is wrong with a text that has a scheme or a port in it, and what to write instead; `nil`
    /// when it may be a host.
    package static func fault(of text: String) -> String? {
        guard !text.hasPrefix("/") else { return nil }
        var rest = Substring(text)
        var scheme: Substring?
        if let range = rest.firstRange(of: "://") {
            scheme = rest[..<range.lowerBound]
            rest = rest[range.upperBound...].prefix { $0 != "/" }
        }
        let (host, port) = split(rest)
        guard scheme != nil || port != nil else { return nil }
        let what = [scheme.map { _ in "a scheme" }, port.map { _ in "a port" }].compactMap(\.self)
        var right = "host \(host)"
        if let port { right += ", port \(port)" }
        if let scheme, isEncrypted(scheme) { right += ", and cafile for TLS" }
        return "has \(what.joined(separator: " and ")) in it, and is to be a name or an address "
            + "alone; give them one by one: \(right)"
    }

    /// Takes a port off; an address of IPv6 has colons of its own.
    private static func split(_ text: Substring) -> (host: Substring, port: Substring?) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let port = text[end...].dropFirst(2)
            return (text[..<end].dropFirst(), port.isEmpty ? nil : port)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, parts[1].allSatisfy(\.isNumber) else {
            return (text, nil)
        }
        return (parts[0], parts[1])
    }

    private static func isEncrypted(_ scheme: Substring) -> Bool {
        ["mqtts", "ssl", "tls", "wss", "https"].contains(scheme.lowercased())
    }
}
