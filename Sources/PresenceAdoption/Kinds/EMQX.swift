import Presence

/// The clients of EMQX 6.1 (read in its sources), by its own events, which are not retained.
///
/// Where one connection takes over from another of the same client id, the end of the old one may be told behind
/// the beginning of the new one. Both have the time at which the connection was made.
extension AdoptionKind {
    static let emqx = AdoptionKind(
        "emqx",
        [
            KindTopic("$SYS/brokers/{node}/clients/{name}/connected") { payload in
                time(payload).map(Saying.connected) ?? .online(.online)
            }.unretained,
            KindTopic("$SYS/brokers/{node}/clients/{name}/disconnected") { payload in
                let inOrder = payload.value(at: ["reason"]) == .string("normal")
                if let time = time(payload) { return .disconnected(time, inOrder: inOrder) }
                return inOrder ? .ended : .lost
            }.unretained,
        ]
    )

    private static func time(_ payload: Payload) -> Int64? {
        payload.value(at: ["connected_at"])?.integer
    }
}
