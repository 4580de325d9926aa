import Presence

/// A request that is understood, and what its answer needs besides the result.
///
/// An object, since it is handed on from the reading to the answer, and waits for the store.
final class Call: Sendable {
    /// What an answer needs besides its result, in bytes.
    private static let envelope = 1_024
    /// What a page needs besides its list, in bytes: the number of all, and where it goes on.
    static let aroundPage = 96

    let caller: Name
    let id: RequestID?
    let operation: Request.Operation
    let command: Command
    /// The most bytes of the answer to a question: 8 MiB.
    static let longestAnswer = 8 << 20

    /// The request as it came, which says where the answer goes; `nil` for a question, whose answer does not go by
    /// the broker.
    let message: RequestMessage?
    /// Whether there is no such message: to ask the message itself copies it, which takes a thousand instructions
    /// of the 18,000 that a `get` of one user takes.
    let isQuestion: Bool
    /// What held when it came.
    let settings: Settings
    let cursors: Cursors

    init(
        _ message: RequestMessage,
        id: RequestID?,
        _ operation: Request.Operation,
        _ command: Command,
        _ settings: Settings,
        _ cursors: Cursors
    ) {
        caller = message.user
        self.id = id
        self.operation = operation
        self.command = command
        self.message = message
        isQuestion = false
        self.settings = settings
        self.cursors = cursors
    }

    /// A question of somebody's, or with an empty name of the operator's.
    init(
        from caller: Name,
        _ operation: Request.Operation,
        _ command: Command,
        _ settings: Settings,
        _ cursors: Cursors
    ) {
        self.caller = caller
        id = nil
        self.operation = operation
        self.command = command
        message = nil
        isQuestion = true
        self.settings = settings
        self.cursors = cursors
    }

    func answer(_ result: JSONWriter) -> [UInt8] {
        Answer.result(id: id, operation: operation.rawValue, result.bytes)
    }

    func answer(_ refusal: Refusal) -> [UInt8] {
        Answer.refusal(refusal, id: id, operation: operation.rawValue)
    }

    // MARK: - Length

    /// Whether a page may become so long: it ends early, but not before its first entry.
    func isRoom(for length: Int, isFirst: Bool) -> Bool {
        (isFirst || length + Self.envelope <= settings.limits.maxMessage)
            && takes(length + Self.aroundPage)
    }

    func checkLength(of result: JSONWriter) throws(Refusal) {
        let length = result.bytes.count
        guard takes(length) else { throw tooLong(length) }
    }

    /// Whether the answer may have a result of so many bytes: where it goes by the broker, that must take it.
    func takes(_ length: Int) -> Bool {
        if isQuestion { return length <= Self.longestAnswer }
        return length <= settings.packets.ample || length <= way?.room ?? .max
    }

    /// The way of the answer, if it goes by the broker.
    var way: AnswerWay? {
        message.map { AnswerWay(Reply($0, [], settings.topics), id, operation, settings.packets) }
    }

    /// The refusal of a request whose result would have so many bytes, or more.
    func tooLong(_ bytes: Int) -> Refusal {
        let advice =
            switch command {
            case .subscribe, .unsubscribe, .status, .explanation, .get, .getBrief:
                "name fewer users"
            case .unsubscribeFromAll: "unsubscribe from users by their names"
            case .publish: "the description must be shorter"
            case .online, .watchers, .sync, .subscriptions, .history:
                "ask for smaller pages"
            case .subscribeToAll: "ask with a shorter Response Topic and less Correlation Data"
            }
        guard !isQuestion || bytes <= Self.longestAnswer else {
            return Refusal(
                .limitExceeded,
                "the answer would have \(bytes) bytes or more, and may have \(Self.longestAnswer): "
                    + advice
            )
        }
        return Refusal(
            .limitExceeded,
            "the answer would be a packet of \(bytes + (way?.around ?? 0)) bytes or more, and the "
                + "broker takes \(settings.packets.words) at most: \(advice)"
        )
    }

    // MARK: - Parts of results

    /// Says where the next page goes on, if there is one.
    func write(_ next: UserID?, to json: inout JSONWriter) {
        write(next.map(Int64.init), to: &json)
    }

    /// The same for a place in the change log.
    func write(_ next: Int64?, to json: inout JSONWriter) {
        guard let next else { return }
        json.key("cursor")
        json.string(cursors.cursor(at: next, operation, of: caller))
    }
}

extension Reply {
    /// An answer on its way to where it may go.
    init(_ message: RequestMessage, _ payload: [UInt8], _ topics: Topics) {
        var topic = topics.response(message.user, message.device)
        if let wanted = message.responseTopic,
            topics.permitsResponse(to: wanted, user: message.user, device: message.device)
        {
            topic = wanted
        }
        self.init(
            topic: topic,
            payload: payload,
            qos: message.qos,
            correlationData: message.correlationData
        )
    }
}

extension JSONWriter {
    mutating func names(_ key: StaticString, _ names: [Name]) {
        self.key(key)
        beginArray()
        for name in names { string(name.text) }
        endArray()
    }

    mutating func all(until expires: UInt32) {
        key("all")
        beginObject()
        integer("expires", Int64(expires))
        endObject()
    }

    mutating func integer(_ key: StaticString, _ value: Int64) {
        self.key(key)
        integer(value)
    }
}
