import Presence

/// The clients of EMQX 6.1 (read in its sources), by its own events, which are not retained.
extension AdoptionKind {
    static let emqx = AdoptionKind(
        "emqx",
        [
            KindTopic("$SYS/brokers/{node}/clients/{name}/connected") { _ in .online(.online) }
                .unretained,
            KindTopic("$SYS/brokers/{node}/clients/{name}/disconnected") { payload in
                payload.value(at: ["reason"]) == .string("normal") ? .ended : .lost
            }.unretained,
        ]
    )
}
