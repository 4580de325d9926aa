import Presence

/// The way of an answer to its requester, which says how long the answer may be.
struct AnswerWay {
    /// The most bytes of the result.
    let room: Int
    /// The bytes that the packet has besides the result.
    let around: Int

    /// The way of the answers to a request.
    ///
    /// - Parameter reply: Where the answer goes, whatever its payload.
    init(_ reply: Reply, _ id: RequestID?, _ operation: Request.Operation, _ limit: PacketLimit) {
        let envelope = Answer.result(id: id, operation: operation.rawValue) { $0.raw([]) }.count
        room = limit.room(for: reply) - envelope
        around = PacketLimit.packet(of: reply, payload: envelope)
    }
}

extension PacketLimit {
    /// So many bytes of a result fit, whatever the topic, the Correlation Data and the id of its answer.
    ///
    /// Most answers are shorter, and how long they may be need not be reckoned.
    var ample: Int { min(packet, payload) - 2 * 65_535 - 2_048 }

    /// The most bytes that the payload of an answer may have.
    func room(for reply: Reply) -> Int {
        room(
            topic: reply.topic.utf8.count,
            qos: reply.qos,
            properties: Self.correlation(reply.correlationData)
        )
    }

    /// The bytes of the packet of an answer with a payload of so many.
    static func packet(of reply: Reply, payload: Int) -> Int {
        packet(
            payload: payload,
            topic: reply.topic.utf8.count,
            qos: reply.qos,
            properties: correlation(reply.correlationData)
        )
    }

    var words: String {
        payload < packet
            ? "payloads of about \(payload) bytes" : "packets of \(packet) bytes"
    }
}

extension Reply {
    /// The error that takes the place of a result which the broker has refused for its length; `nil`
    /// for what is no result.
    func refusedForLength() -> Reply? {
        guard let answer = Response(reading: payload), case .result = answer.content else {
            return nil
        }
        let refusal = Refusal(
            .limitExceeded,
            "the answer has \(payload.count) bytes, which the broker did not take: ask again, about "
                + "fewer users or for a smaller page; what was to be changed is changed"
        )
        var error = self
        error.payload = Answer.refusal(refusal, id: answer.id, operation: answer.operation)
        return error
    }
}
