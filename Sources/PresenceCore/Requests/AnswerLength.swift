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

    /// What the broker takes at most, in words.
    var words: String {
        payload < packet
            ? "payloads of about \(payload) bytes" : "packets of \(packet) bytes"
    }
}

/// Answers that are longer than the broker takes are refused before they change anything.
extension PresenceCore {
    /// Refuses a request whose result would be too long.
    func checkLength(of result: JSONWriter, _ call: Call) throws(Refusal) {
        guard takes(result.bytes.count, call) else { throw tooLong(result.bytes.count, call) }
    }

    /// Whether the broker takes the answer to a request with a result of so many bytes.
    func takes(_ length: Int, _ call: Call) -> Bool {
        length <= packets.ample || length <= way(of: call).room
    }

    /// The way of the answer to a request.
    func way(of call: Call) -> AnswerWay {
        AnswerWay(reply(call.message, []), call.id, call.operation, packets)
    }

    /// The refusal of a request whose result would have so many bytes, or more.
    func tooLong(_ bytes: Int, _ call: Call) -> Refusal {
        let advice =
            switch call.command {
            case .subscribe, .unsubscribe, .get, .getBrief: "name fewer users"
            case .unsubscribeFromAll: "unsubscribe from users by their names"
            case .publish: "the description must be shorter"
            case .online, .watchers, .sync, .subscriptions: "ask for smaller pages"
            case .subscribeToAll: "ask with a shorter Response Topic and less Correlation Data"
            }
        return Refusal(
            .limitExceeded,
            "the answer would be a packet of \(bytes + way(of: call).around) bytes or more, and the broker "
                + "takes \(packets.words) at most: \(advice)"
        )
    }

    /// Whether the broker takes an answer.
    func fits(_ reply: Reply) -> Bool { reply.payload.count <= packets.room(for: reply) }

    /// The broker has refused an answer for its length: its requester is told that, in its place.
    mutating func replaceAnswer(_ reply: Reply) {
        guard phase == .serving, let answer = Response(reading: reply.payload),
            case .result = answer.content
        else { return }
        counts.errors += 1
        var error = reply
        error.payload = Answer.refusal(
            Refusal(
                .limitExceeded,
                "the answer has \(reply.payload.count) bytes, which the broker did not take: ask "
                    + "again, about fewer users or for a smaller page; what was to be changed is "
                    + "changed"
            ),
            id: answer.id,
            operation: answer.operation
        )
        turn.replies.append(error)
    }
}
