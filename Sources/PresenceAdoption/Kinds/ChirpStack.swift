import Presence

/// ChirpStack's MQTT forwarder 4.6.0 (run): the gateways of a LoRaWAN network.
///
/// Its `ConnState` is Protobuf: 1 in field 2 is ONLINE, and OFFLINE is 0, which Protobuf does not write. As
/// JSON, which it can be told to write, OFFLINE is a member that is not there.
extension AdoptionKind {
    static let chirpStack = AdoptionKind(
        "chirpstack",
        [
            KindTopic("gateway/{name}/state/conn", reading: connectionState),
            KindTopic("{region}/gateway/{name}/state/conn", reading: connectionState),
        ]
    )

    @Sendable private static func connectionState(_ payload: Payload) -> Saying {
        if payload.isObject {
            guard let object = payload.value(at: [])?.object else { return .unknown }
            let state = object["state"]
            if state == nil || state == .string("OFFLINE") { return .lost }
            return state == .string("ONLINE") ? .online(.online) : .unknown
        }
        var fields = ProtobufFields(payload.bytes)
        var (state, hasGateway): (UInt64, Bool) = (0, false)
        while let (number, value) = fields.next() {
            if number == 2, case .number(let found) = value { state = found }
            if number == 1 || number == 3, case .bytes = value { hasGateway = true }
        }
        guard !fields.isBroken, hasGateway, state < 2 else { return .unknown }
        return state == 1 ? .online(.online) : .lost
    }
}
