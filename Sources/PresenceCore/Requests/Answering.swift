import Presence

/// A request that is understood, and what its answer needs besides the result.
struct Call: Sendable {
    let caller: Name
    let id: RequestID?
    let operation: Request.Operation
    let command: Command
    /// The request as it came, which says where the answer goes.
    let message: RequestMessage
}

extension PresenceCore {
    /// The most bytes of a request.
    static let longestRequest = 65_536
    /// What stands around the result of an answer, in bytes, unless the id is a long text.
    private static let wrapping = 96

    /// Answers a request, or prepares its answer, which waits until the turn is stored.
    mutating func answer(_ message: RequestMessage, at now: Instant) {
        // An empty message with the retain flag clears a retained request and is none itself.
        guard !(message.isRetained && message.payload.isEmpty) else { return }
        counts.requests += 1
        if message.isRetained, TopicName.isPublishable(message.topic) {
            turn.writes.append(.clear(.stray(message.topic)))
        }
        let verdict = requests.take(
            message.user,
            rate: limits.requestRate,
            burst: limits.requestBurst,
            at: now
        )
        switch verdict {
        case .dropped:
            counts.errors += 1
            return
        case .refused(let wait):
            let refusal = Refusal(
                .rateLimited,
                "\(limits.requestRate) requests a second at most, \(limits.requestBurst) at once",
                retryAfter: max(1, (wait + 999) / 1_000)
            )
            return refuse(message, refusal, id: Self.readableID(message))
        case .passes: break
        }
        var id: RequestID?
        do throws(Refusal) {
            let call = try understand(message, id: &id)
            let payload = try carryOut(call, at: now)
            turn.answered.append(.init(message: message, call: call, payload: payload))
        } catch {
            refuse(message, error, id: id)
        }
    }

    /// Reads a request and checks all that can be checked without the state.
    private func understand(
        _ message: RequestMessage,
        id: inout RequestID?
    ) throws(Refusal) -> Call {
        guard message.payload.count <= Self.longestRequest else {
            throw Refusal(
                .payloadTooLarge,
                "a request has \(Self.longestRequest) bytes at most; this one has "
                    + "\(message.payload.count)"
            )
        }
        guard let operation = Request.Operation(rawValue: message.operation) else {
            id = Self.readableID(message)
            let known = Request.Operation.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(.unknownOperation, "operations are \(known)")
        }
        let object = try JSONObject(readingPayload: message.payload)
        id = try RequestID(reading: object)
        guard !message.isRetained else {
            throw Refusal(.malformedRequest, "a request must not be retained; it was cleared")
        }
        let request = try Request(operation, reading: object)
        if let topic = message.responseTopic,
            !topics.permitsResponse(to: topic, user: message.user, device: message.device)
        {
            throw Refusal(
                .invalidResponseTopic,
                "the Response Topic must be \(topics.response(message.user, message.device)) or "
                    + "lie below it, with \(TopicName.mostLevels) levels at most and without "
                    + "wildcards and control characters"
            )
        }
        let command = try Command(request, of: message.user, limits: limits, cursors: cursors)
        return Call(
            caller: message.user,
            id: id,
            operation: operation,
            command: command,
            message: message
        )
    }

    /// Carries out a request and writes its answer.
    mutating func carryOut(_ call: Call, at now: Instant) throws(Refusal) -> [UInt8] {
        let result = try perform(call, at: now)
        if !call.command.isChange { try checkLength(of: result, call) }
        return Answer.result(
            id: call.id,
            operation: call.operation.rawValue,
            reserving: result.bytes.count + Self.wrapping
        ) {
            $0.raw(result.bytes)
        }
    }

    private mutating func perform(_ call: Call, at now: Instant) throws(Refusal) -> JSONWriter {
        switch call.command {
        case .subscribe(let names, let expiry):
            try subscribe(call, to: names, expiry: expiry, at: now)
        case .subscribeToAll(let expiry):
            try subscribeToAll(call, expiry: expiry, at: now)
        case .unsubscribe(let names):
            try unsubscribe(call, from: names, at: now)
        case .unsubscribeFromAll:
            try unsubscribeFromAll(call, at: now)
        case .publish(let description, let expiry):
            try publish(call, description, expiry: expiry, at: now)
        case .get(let names):
            get(names)
        case .getBrief(let names):
            getBrief(names)
        case .online(let size, let from):
            try online(call, size: size, from: from)
        case .subscriptions(let page, let size):
            subscriptions(of: call.caller, page: page, size: size, at: now)
        case .sync(let after, let size, let from):
            try sync(call, after: after, size: size, from: from, at: now)
        case .watchers(let size, let from):
            try watchers(call, size: size, from: from)
        }
    }

    func refusal(_ refusal: Refusal, _ call: Call) -> [UInt8] {
        Answer.refusal(refusal, id: call.id, operation: call.operation.rawValue)
    }

    /// An answer on its way to where it may go.
    func reply(_ message: RequestMessage, _ payload: [UInt8]) -> Reply {
        var topic = topics.response(message.user, message.device)
        if let wanted = message.responseTopic,
            topics.permitsResponse(to: wanted, user: message.user, device: message.device)
        {
            topic = wanted
        }
        return Reply(
            topic: topic,
            payload: payload,
            qos: message.qos,
            correlationData: message.correlationData
        )
    }

    private mutating func refuse(_ message: RequestMessage, _ refusal: Refusal, id: RequestID?) {
        counts.errors += 1
        let payload = Answer.refusal(refusal, id: id, operation: message.operation)
        turn.answered.append(.init(message: message, call: nil, payload: payload))
    }

    /// The id of a request that is refused before it is read.
    private static func readableID(_ message: RequestMessage) -> RequestID? {
        guard message.payload.count <= longestRequest,
            let object = try? JSONObject(readingPayload: message.payload)
        else { return nil }
        return (try? RequestID(reading: object)) ?? nil
    }
}
