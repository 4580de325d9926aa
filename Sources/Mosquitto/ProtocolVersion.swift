/// A version of MQTT.
public enum ProtocolVersion: Hashable, Sendable, CaseIterable {
    /// MQTT 3.1.1.
    case v311
    /// MQTT 5.
    case v5
}
