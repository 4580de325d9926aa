import Mosquitto

/// What a client sends, by the names of MQTT 5, section 2.1.2.
enum ClientPacket {
    case connect(ConnectionOptions)
    case publish(Message, packetID: Int32, isDuplicate: Bool)
    case puback(packetID: Int32)
    case pubrec(packetID: Int32)
    case pubrel(packetID: Int32)
    case pubcomp(packetID: Int32)
    case subscribe([String], SubscriptionOptions, identifier: UInt32?, packetID: Int32)
    case unsubscribe([String], packetID: Int32)
    case pingreq
    case disconnect(ReasonCode)
    /// No packet: the client's side of the connection is closed.
    case end
}

/// What a broker sends.
enum ServerPacket {
    case connack(Acknowledgement)
    case refusal(ConnectionRefusal)
    case publish(Message, packetID: Int32)
    case puback(packetID: Int32, ReasonCode)
    case pubrec(packetID: Int32)
    case pubrel(packetID: Int32)
    case pubcomp(packetID: Int32)
    case suback(packetID: Int32, [ReasonCode])
    case unsuback(packetID: Int32)
    case pingresp
    case disconnect(ReasonCode)
    /// No packet: the broker's side of the connection is closed, or nobody was there.
    case end(Closure)
}
