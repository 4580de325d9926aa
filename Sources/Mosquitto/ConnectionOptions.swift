/// What a connection is made of: where to, as whom, and with which limits.
public struct ConnectionOptions: Hashable, Sendable {
    /// The client identifier.
    ///
    /// Empty for one that the broker assigns (MQTT 5) or the library makes up (MQTT 3.1.1).
    public var clientID: String
    /// A name, an address, or, with port 0, the path of a Unix socket.
    public var host: String
    /// The TCP port, or 0 for a Unix socket.
    public var port: UInt16
    /// The username, or `nil` for an anonymous connection.
    public var username: String?
    /// The password; it is ignored without a username.
    public var password: String?
    /// The keep-alive in seconds, 5 to 65,535, or 0 for none.
    public var keepAlive: UInt16 = 60
    /// The version of the protocol.
    public var protocolVersion: ProtocolVersion = .v5
    /// What the broker publishes when the connection ends without a DISCONNECT.
    public var will: Message?
    /// By how many seconds the broker holds the will back (MQTT 5 only).
    public var willDelay: UInt32 = 0
    /// Transport encryption, or `nil` for none.
    public var tls: TLSOptions?
    /// How many publishes of QoS 1 and 2 may be on their way unacknowledged; the rest waits in the
    /// library.
    ///
    /// With MQTT 5 the broker's Receive Maximum counts at first, even a larger one, and this once so
    /// many publishes have been made. The library walks its list of unacknowledged messages once for
    /// each publish: a window of 100 is the fastest on a local network, and one of 10,000 or more,
    /// here or at the broker (`max_inflight_messages`), makes a burst take quadratic time.
    public var sendMaximum: UInt16 = 100
    /// How many publishes of QoS 1 and 2 the broker may have on their way to this client.
    public var receiveMaximum: UInt16 = 65_535
    /// Whether the broker throws away the session that it has kept for the client identifier, if any.
    public var cleanStart = true
    /// For how many seconds the broker keeps the session once the connection has ended (MQTT 5 only).
    public var sessionExpiry: UInt32 = 0

    /// Options for a TCP connection, or for a Unix socket when the host is a path.
    public init(clientID: String, host: String, port: UInt16 = 1883) {
        self.clientID = clientID
        self.host = host
        self.port = host.hasPrefix("/") ? 0 : port
    }
}
