import Presence
import PresenceCore

/// What must hold of the answer to a request that came alone in its turn.
struct AnswerRules {
    /// The most bytes of an error answer, besides the operation and the id that it repeats.
    static let longestError = 2_048

    private let topics: Topics
    private let request: RequestMessage
    private let effects: [Effect]
    private let replies: [Reply]

    init(_ topics: Topics, _ request: RequestMessage, _ effects: [Effect]) {
        self.topics = topics
        self.request = request
        self.effects = effects
        replies = effects.compactMap { effect in
            guard case .reply(let reply) = effect, reply.correlationData != nil else { return nil }
            return reply
        }
    }

    /// The code of the error that was answered.
    var errorCode: ErrorCode? {
        guard let payload = replies.first?.payload, let value = try? JSONValue(parsing: payload)
        else { return nil }
        return value.object?["error"]?.object?["code"]?.string.flatMap(ErrorCode.init)
    }

    /// The rules that are broken, in words.
    func broken(mayBeDropped: Bool) -> [String] {
        let isRequest = !(request.isRetained && request.payload.isEmpty)
        guard isRequest, let reply = replies.first else {
            guard isRequest, !mayBeDropped else {
                return replies.isEmpty ? [] : ["what is no request was answered"]
            }
            // What is read of the change log is answered when it was read.
            let isRecalled = effects.contains { if case .recall = $0 { true } else { false } }
            return isRecalled ? [] : ["a request was not answered"]
        }
        var broken = replies.count == 1 ? [] : ["a request was answered \(replies.count) times"]
        broken += brokenByTopic(reply)
        if reply.qos != request.qos { broken.append("the answer has another QoS") }
        if reply.correlationData != request.correlationData {
            broken.append("the answer has other Correlation Data")
        }
        switch JSONText.object(reply.payload) {
        case .failure(let complaint): return broken + [complaint.words]
        case .success(let answer): return broken + brokenByForm(answer, reply)
        }
    }

    private func brokenByTopic(_ reply: Reply) -> [String] {
        let own = topics.response(request.user, request.device)
        let isOwn = Array(reply.topic.utf8) == Array(own.utf8)
        let isBelow = reply.topic.utf8.starts(with: (own + "/").utf8)
        let isWanted = request.responseTopic.map { Array($0.utf8) == Array(reply.topic.utf8) }
        var broken: [String] = []
        if !isOwn, !isBelow || isWanted != true {
            broken.append("the answer goes to \(reply.topic)")
        }
        if reply.topic.utf8.contains(where: { $0 == 0x23 || $0 == 0x2B || $0 == 0 }) {
            broken.append("nobody can publish to \(reply.topic)")
        }
        return broken
    }

    private func brokenByForm(_ answer: JSONObject, _ reply: Reply) -> [String] {
        var broken: [String] = []
        let id = readableID
        let keys = (id == nil ? [] : ["id"]) + ["operation"]
        let ending = errorCode == nil ? "result" : "error"
        if answer.keys != keys + [ending] {
            broken.append("the answer has the keys \(answer.keys), not \(keys + [ending])")
        }
        if let id, id != (try? RequestID(reading: answer)) {
            broken.append("the answer repeats another id")
        }
        if answer["operation"] != .string(request.operation) {
            broken.append("the answer names another operation")
        }
        guard errorCode != nil else {
            return answer["result"]?.object == nil ? broken + ["a result is no object"] : broken
        }
        let repeated = (request.operation.utf8.count + 128) * 6
        if reply.payload.count > Self.longestError + repeated {
            broken.append("an error answer has \(reply.payload.count) bytes")
        }
        let error = answer["error"]?.object ?? JSONObject([])
        let isRate = errorCode == .rateLimited
        if error.keys != ["code", "message"] + (isRate ? ["retryAfter"] : []) {
            broken.append("an error has the keys \(error.keys)")
        }
        if isRate, error["retryAfter"]?.integer ?? 0 < 1 { broken.append("retryAfter is below 1") }
        if error["message"]?.string?.isEmpty ?? true { broken.append("an error says nothing") }
        return broken
    }

    /// The id of the request, as far as the payload can be read at all.
    private var readableID: RequestID? {
        guard request.payload.count <= 65_536,
            let object = try? JSONObject(readingPayload: request.payload)
        else { return nil }
        return (try? RequestID(reading: object)) ?? nil
    }

    /// What an error has changed although it may not, by the effects and by the metrics.
    func changes(from before: Metrics, to after: Metrics) -> [String] {
        var broken: [String] = []
        for effect in effects {
            switch effect {
            case .save where errorCode == .unavailable: continue
            // That the clock was set back meanwhile is stored with whatever turn comes next.
            case .save(let changes, isRequested: false) where changes.isBrokerAlone: continue
            case .clear(.stray(let topic)) where request.isRetained && topic == request.topic:
                continue
            case .reply, .log: continue
            default: broken.append("a request with an error led to \(effect)")
            }
        }
        var expected = before
        expected.requests += 1
        expected.errors += 1
        if expected != after { broken.append("a request with an error changed metrics: \(after)") }
        return broken
    }
}

extension [Change] {
    fileprivate var isBrokerAlone: Bool {
        if case .putBroker? = first { count == 1 } else { false }
    }
}
