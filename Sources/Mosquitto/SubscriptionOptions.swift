/// How the broker delivers what the filters of one SUBSCRIBE match (MQTT 5, section 3.8.3.1).
public struct SubscriptionOptions: Hashable, Sendable {
    /// The highest quality of service at which messages are delivered: 0, 1 or 2.
    public var qos: UInt8
    /// Whether the connection's own publishes are kept from it (MQTT 5 only).
    public var noLocal = false
    /// Whether live messages keep the retain flag with which they were published (MQTT 5 only).
    public var retainAsPublished = false
    /// When retained messages are sent at subscribing (MQTT 5 only).
    public var retainHandling: RetainHandling = .send

    /// Options that differ from the defaults by the quality of service only.
    public init(qos: UInt8 = 0) {
        self.qos = qos
    }

    /// The options as the bits of the SUBSCRIBE packet, without the quality of service.
    var bits: Int32 {
        var bits: Int32 = noLocal ? 0x04 : 0
        if retainAsPublished {
            bits |= 0x08
        }
        return bits | (retainHandling.rawValue << 4)
    }
}
