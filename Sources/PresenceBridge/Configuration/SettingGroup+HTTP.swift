import PresenceHTTP

extension SettingGroup {
    static let http = SettingGroup(
        "HTTP",
        note: "For back ends and monitors: docs/http.md. Off unless http_listen is set.",
        takesEffect: .atStart,
        [
            Setting(
                "http_listen",
                \.http.listen,
                .optional(.listenAddress),
                "Where HTTP is spoken. It is not encrypted: let it be this machine's alone, a Unix socket, or"
                    + " behind a proxy that speaks TLS."
            ),
            Setting(
                "http_tokens",
                \.http.tokenFile,
                .optional(.path),
                "The file of tokens, a line for each, as 'presence-bridge token NAME SCOPE...' prints it."
                    + " Nobody but the bridge may read it. It is read again with SIGHUP."
            ),
            Setting(
                "http_connections",
                \.http.connections,
                .integer(1...100_000),
                "Connections at one time; more wait until one of them ends."
            ),
            Setting(
                "http_rate",
                \.http.rate,
                .integer(1...1_000_000, "calls a second"),
                "Calls that one token may make, and as many at once after a rest."
            ),
        ]
    )
}

extension ValueKind where Value == String {
    fileprivate static var listenAddress: Self {
        text("host:port, or the absolute path of a Unix socket") { text throws(BadValue) in
            guard ListenAddress(text) != nil else { throw BadValue("is neither") }
        }
    }
}
