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
