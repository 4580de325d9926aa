/// What a broker of a test is configured with.
public struct BrokerOptions: Sendable {
    /// The users and their passwords.
    ///
    /// With any, anonymous connections are refused.
    public var users: [String: String] = [:]
    /// Whether anonymous connections are accepted; `nil` for when there are no users.
    public var allowsAnonymous: Bool?
    /// The access control list, in mosquitto's format; `nil` for none.
    public var acl: String?
    /// Whether retained messages and sessions outlive the broker.
    public var persistence = false
    /// How often the broker publishes below `$SYS`, in seconds; 0 for never.
    public var sysInterval = 1
    /// What the broker logs, in the words of its `log_type`.
    public var logTypes = ["all"]
    /// Whether it listens on a Unix socket, too.
    public var unixSocket = false
    /// Whether it listens with TLS, too, with a certificate for `localhost` and `127.0.0.1` by an
    /// authority that is made for it.
    public var tls = false
    /// Further lines of configuration, before those of the listeners.
    public var extra = ""

    /// A broker that lets everyone do everything and remembers nothing.
    public init() {}

    /// Options that differ from the defaults by what the closure sets.
    public init(_ change: (inout BrokerOptions) -> Void) {
        change(&self)
    }
}
