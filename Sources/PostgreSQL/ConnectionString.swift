import CPostgreSQL

/// How a server is reached: a URI as libpq reads it (PostgreSQL 15, 34.1.1.2).
public struct ConnectionString: Hashable, Sendable {
    /// What libpq is told where the URI does not say otherwise.
    ///
    /// A peer that has vanished is found by keepalives while nothing is on its way, and by the time-out of what is
    /// not acknowledged else: neither finds it alone.
    private static let defaults = [
        ("target_session_attrs", "read-write"), ("keepalives", "1"), ("keepalives_idle", "3"),
        ("keepalives_interval", "1"), ("keepalives_count", "3"), ("tcp_user_timeout", "5000"),
        ("fallback_application_name", "presence-bridge"),
    ]

    /// What the URI says, by libpq's keywords.
    private var options: [String: String]
    /// The URI without a password.
    public let shown: String

    /// Reads a URI.
    ///
    /// - Throws: in words, what is wrong with it; a password is not among them.
    public init(_ uri: String) throws(Fault) {
        var message: UnsafeMutablePointer<CChar>?
        guard let parsed = unsafe PQconninfoParse(uri, &message) else {
            unsafe PQfreemem(message)
            // libpq's words quote a part of the URI, which may be of the password.
            throw Fault(description: "is no URI that libpq can read")
        }
        defer { unsafe PQconninfoFree(parsed) }
        // What such a password is taken for would be told: a host, a port or a database.
        if Self.hasStraySign(uri) {
            throw Fault(
                description:
                    "has an @ behind its first /: in a password a / is written %2F, in a name an @ %40"
            )
        }
        var options: [String: String] = [:]
        var option = unsafe parsed
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe options[String(cString: keyword)] = String(cString: value)
            }
            unsafe option += 1
        }
        self.options = options
        shown = Self.withoutSecrets(uri)
    }

    /// What is wrong with a URI.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong, as what follows on what it is about; no password is in it.
        public let description: String

        /// Something that is wrong.
        public init(description: String) { self.description = description }
    }

    /// Whether the URI has a password in it.
    public var hasPassword: Bool { options["password"] != nil }

    /// The same for each of the hosts that it names, in their order: so each has its time to answer.
    var hosts: [ConnectionString] {
        let lists = ["host", "hostaddr", "port"].map { keyword in
            let list = (options[keyword] ?? "").split(
                separator: ",",
                omittingEmptySubsequences: false
            )
            return (keyword: keyword, values: list.map(String.init))
        }
        let count = lists.prefix(2).map(\.values.count).max() ?? 1
        guard count > 1 else { return [self] }
        return (0..<count).map { index in
            var single = self
            for (keyword, values) in lists {
                // One port is that of all hosts.
                let value = values.count == 1 ? values[0] : values.dropFirst(index).first
                single.options[keyword] = value.flatMap { $0.isEmpty ? nil : $0 }
            }
            return single
        }
    }

    /// Keywords and values for libpq.
    ///
    /// - Parameter password: what is used in place of one in the URI; `nil` for that, or one of libpq's own ways.
    func pairs(password: String?) -> [(keyword: String, value: String)] {
        var pairs = options
        for (keyword, value) in Self.defaults where pairs[keyword] == nil {
            pairs[keyword] = value
        }
        if let password { pairs["password"] = password }
        pairs["client_encoding"] = "UTF8"
        return pairs.map { (keyword: $0.key, value: $0.value) }
    }

    /// Whether an `@` is in the path, as after a password with a `/`.
    private static func hasStraySign(_ uri: String) -> Bool {
        guard let start = uri.firstRange(of: "://")?.upperBound,
            let slash = uri[start...].firstIndex(of: "/")
        else { return false }
        return uri[slash...].prefix { $0 != "?" }.contains("@")
    }

    /// A URI without what may be secret: the password before the host, and parameters that hold one.
    private static func withoutSecrets(_ uri: String) -> String {
        var uri = uri
        if let start = uri.firstRange(of: "://")?.upperBound,
            let sign = uri[start...].prefix(while: { $0 != "/" }).lastIndex(of: "@"),
            let colon = uri[start..<sign].firstIndex(of: ":")
        {
            uri.removeSubrange(colon..<sign)
        }
        guard let mark = uri.firstIndex(of: "?") else { return uri }
        let parameters = uri[uri.index(after: mark)...].split(separator: "&").filter { parameter in
            let keyword = parameter.prefix { $0 != "=" }
            return !keyword.contains("password") && !keyword.contains("%")
        }
        let base = String(uri[..<mark])
        return parameters.isEmpty ? base : "\(base)?\(parameters.joined(separator: "&"))"
    }
}
