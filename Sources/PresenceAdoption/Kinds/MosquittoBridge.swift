/// The bridges between mosquitto 2.0.11 brokers (run).
///
/// What is behind one is told again by it when it is back, be it still there or not.
extension AdoptionKind {
    static let mosquittoBridge = AdoptionKind(
        "mosquitto-bridge",
        [
            KindTopic(
                "$SYS/broker/connection/{name}/state",
                WordList(on: ["1"], off: ["0"])
            ).asGateway
        ]
    )
}
