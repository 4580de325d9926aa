/// An application message: what is published, received, or left as a will.
public struct Message: Hashable, Sendable {
    /// The topic name, without wildcards.
    public var topic: String
    /// The payload, at most 268,435,455 bytes and usually far less by the broker's limits.
    public var payload: [UInt8]
    /// The quality of service: 0, 1 or 2.
    public var qos: UInt8
    /// When publishing: that the broker shall keep the message.
    ///
    /// When received: that it was kept, or, with Retain As Published, that it was published so.
    public var retain: Bool
    /// The MQTT 5 properties.
    ///
    /// A 3.1.1 connection neither sends nor receives any.
    public var properties: MessageProperties

    /// A message with the payload as bytes.
    public init(
        topic: String,
        payload: [UInt8],
        qos: UInt8 = 0,
        retain: Bool = false,
        properties: MessageProperties = MessageProperties()
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.properties = properties
    }

    /// A message with the payload as text.
    public init(
        topic: String,
        payload: String,
        qos: UInt8 = 0,
        retain: Bool = false,
        properties: MessageProperties = MessageProperties()
    ) {
        self.init(
            topic: topic,
            payload: Array(payload.utf8),
            qos: qos,
            retain: retain,
            properties: properties
        )
    }

    /// The payload as text; bytes that are not UTF-8 become replacement characters.
    public var text: String { String(decoding: payload, as: UTF8.self) }
}

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

    /// Whether there is nothing to send.
    var isEmpty: Bool {
        responseTopic == nil && correlationData == nil && messageExpiry == nil
            && contentType == nil && userProperties.isEmpty
    }
}

/// A name and a value of the application's own.
public struct UserProperty: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// A pair.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
