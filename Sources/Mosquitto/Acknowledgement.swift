/// What the broker said of itself when it accepted a connection (CONNACK).
///
/// A 3.1.1 broker names no limits; the defaults then say what MQTT 3.1.1 allows.
public struct Acknowledgement: Hashable, Sendable {
    /// Whether the broker still had a session, which goes on.
    ///
    /// It never has for a connection that starts clean.
    public var sessionPresent = false
    /// The client identifier that the broker chose, if it was left to choose.
    public var assignedClientID: String?
    /// The largest packet that the broker takes, in bytes; `nil` for no limit of its own.
    public var maximumPacketSize: UInt32?
    /// How many unacknowledged publishes the broker takes; `nil` for 65,535.
    public var receiveMaximum: UInt16?
    /// The keep-alive in seconds that the broker wants instead of the client's.
    public var serverKeepAlive: UInt16?
    /// Whether the broker keeps retained messages.
    public var retainAvailable = true
    /// Whether filters may have wildcards.
    public var wildcardSubscriptionAvailable = true
    /// Whether subscriptions may have identifiers.
    ///
    /// No by MQTT 3.1.1.
    public var subscriptionIdentifiersAvailable = true

    /// What a broker says that names no limits.
    public init() {}
}
