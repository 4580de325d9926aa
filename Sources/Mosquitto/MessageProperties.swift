/// The properties of a message in MQTT 5 (section 3.3.2.3 of the specification).
public struct MessageProperties: Hashable, Sendable {
    /// Where an answer is wanted.
    public var responseTopic: String?
    /// What an answer shall repeat, up to 65,535 bytes.
    public var correlationData: [UInt8]?
    /// After how many seconds the broker throws the message away; received: what is left of it.
    public var messageExpiry: UInt32?
    /// What the payload is, usually a MIME type.
    public var contentType: String?
    /// By which subscriptions the message came; only received, never sent.
    public var subscriptionIdentifiers: [UInt32] = []
    /// Pairs of the application's own, in order; names may repeat.
    public var userProperties: [UserProperty] = []

    /// No properties.
    public init() {}

    var isEmpty: Bool {
        responseTopic == nil && correlationData == nil && messageExpiry == nil
            && contentType == nil && userProperties.isEmpty
    }
}
