import Presence

/// The machine of the requests: how often users may ask, what they ask for, and where the pages of
/// their answers go on.
///
/// What an operation does stands in a file of its own, as what a ``Call`` makes of what it is shown.
struct Requests: Sendable {
    /// What becomes of a request.
    enum Admission {
        /// It is none: an empty message with the retain flag clears a retained request.
        case ignored
        /// Nobody answers it, since the user was told so within the last second.
        case dropped
        /// Too many answers wait for the broker, so that it is refused before anything is done for it; `nil`
        /// where too many refusals wait as well, and nobody answers it.
        case crowded((Refusal, id: RequestID?)?)
        /// It is answered with an error.
        case refused(Refusal, id: RequestID?)
        /// It is understood, and to be carried out.
        case called(Call)
    }

    private var rates = RateMeter<Never>()
    private var room = AnswerRoom.unlimited
    private var cursors = Cursors()

    /// A connection is made: cursors of an earlier run are too old.
    mutating func begin(at now: Instant) { cursors.begin(at: now) }

    /// Takes a request: checks all that can be checked without the state.
    mutating func admit(
        _ message: RequestMessage,
        _ settings: Settings,
        at now: Instant
    ) -> Admission {
        guard !(message.isRetained && message.payload.isEmpty) else { return .ignored }
        guard room.isOpen else { return .crowded(takeRefusal(of: message)) }
        let (rate, burst) = (settings.limits.requestRate, settings.limits.requestBurst)
        switch rates.take(message.user, rate: rate, burst: burst, at: now) {
        case .dropped: return .dropped
        case .refused(let wait):
            let refusal = Refusal(
                .rateLimited,
                "\(rate) requests a second at most, \(burst) at once",
                retryAfter: max(1, (wait + 999) / 1_000)
            )
            return .refused(refusal, id: Self.readableID(message))
        case .passes: break
        }
        var id: RequestID?
        do throws(Refusal) {
            return .called(try understand(message, settings, id: &id))
        } catch {
            return .refused(error, id: id)
        }
    }

    /// So many answers may be given until this is said again.
    mutating func limitAnswers(to room: AnswerRoom) { self.room = room }
    mutating func noteAnswer(of length: Int) { room.take(length) }

    private mutating func takeRefusal(of message: RequestMessage) -> (Refusal, id: RequestID?)? {
        guard room.refusals > 0 else { return nil }
        room.refusals -= 1
        let words = "more answers wait for the broker than it takes now; try later"
        return (Refusal(.unavailable, words), Self.readableID(message))
    }

    private func understand(
        _ message: RequestMessage,
        _ settings: Settings,
        id: inout RequestID?
    ) throws(Refusal) -> Call {
        guard message.payload.count <= Limits.longestRequest else {
            throw Refusal(
                .payloadTooLarge,
                "a request has \(Limits.longestRequest) bytes at most; this one has "
                    + "\(message.payload.count)"
            )
        }
        guard let operation = Request.Operation(named: message.operation) else {
            id = Self.readableID(message)
            let known = Request.Operation.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(.unknownOperation, "operations are \(known)")
        }
        let members = try RequestMembers(readingPayload: message.payload)
        id = try RequestID(reading: members)
        guard !message.isRetained else {
            throw Refusal(.malformedRequest, "a request must not be retained; it was cleared")
        }
        let request = try Request(operation, reading: members)
        let topics = settings.topics
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
        let command = try Command(
            request,
            of: message.user,
            limits: settings.limits,
            cursors: cursors
        )
        return Call(message, id: id, operation, command, settings, cursors)
    }

    /// Checks all of a question that can be checked without the state.
    ///
    /// An operator is bound by no permission, and everybody who asks this way may name as many users as in a
    /// `get` that is brief.
    func understand(_ question: Question, _ settings: Settings) throws(Refusal) -> Call {
        var limits = settings.limits
        limits.maxUsernames = max(limits.maxUsernames, limits.maxBriefUsernames)
        let asker = question.viewer ?? question.user
        var caller = Name(checked: "")
        if let asker {
            guard let name = Name(user: asker) else {
                throw Refusal(.invalidUsername, Name.refusal(user: asker))
            }
            caller = name
        }
        if question.viewer == nil {
            (limits.allowOnline, limits.allowWatchers) = (.everyone, .everyone)
            limits.allowSubscribeAll = .everyone
        }
        switch question.act {
        case .status:
            let command = try Command(statusOf: question.user ?? "")
            return Call(from: caller, .get, command, settings, cursors)
        case .explanation:
            let command = try Command(explanationOf: question.user ?? "")
            return Call(from: caller, .get, command, settings, cursors)
        case .request(let request):
            switch request {
            case .get: break
            default: limits.maxUsernames = settings.limits.maxUsernames
            }
            let command = try Command(request, of: caller, limits: limits, cursors: cursors)
            return Call(from: caller, request.operation, command, settings, cursors)
        case .statement, .erasure:
            preconditionFailure("\(question.act) is carried out as it comes")
        }
    }

    /// The id of a request that is refused before it is read.
    private static func readableID(_ message: RequestMessage) -> RequestID? {
        guard message.payload.count <= Limits.longestRequest,
            let members = try? RequestMembers(readingPayload: message.payload)
        else { return nil }
        return (try? RequestID(reading: members)) ?? nil
    }
}
