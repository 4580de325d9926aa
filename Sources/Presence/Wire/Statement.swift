/// What a device, or its will, publishes to its device topic.
///
/// One status word as plain text, or a JSON object `{"status": "away", "ttl": 120, "session": "7f3a"}`.
/// An object with keys of which none is one of these is refused: it says something in words of its
/// own, perhaps that the device is gone.
/// What the bridge writes there itself carries `by`, and `cause` when it is a verdict.
public struct Statement: Hashable, Sendable {
    /// The seconds that a device may promise to state something again in.
    public static let ttlRange: ClosedRange<Int64> = 5...86_400
    /// The most bytes that a statement has.
    public static let longest = 1_024

    /// The most bytes of a session.
    public static let longestSession = 64

    /// The word.
    public var status: StatusWord
    /// The promise to state something again within so many seconds.
    public var ttl: Int64?
    /// The name of the connection that it was made over.
    public var session: String?
    /// Why the bridge says so.
    public var cause: Cause?
    /// The id of the bridge that wrote it.
    public var by: String?

    /// A statement as a device makes it.
    public init(
        _ status: StatusWord,
        ttl: Int64? = nil,
        session: String? = nil,
        cause: Cause? = nil,
        by: String? = nil
    ) {
        self.status = status
        self.ttl = ttl
        self.session = session
        self.cause = cause
        self.by = by
    }

    /// Reads a payload that is not empty.
    ///
    /// - Throws: what is wrong with it, the first in the protocol's order of error codes.
    public init(reading payload: [UInt8], longest: Int) throws(Refusal) {
        guard payload.count <= longest else {
            throw Refusal(
                .payloadTooLarge,
                "a statement has \(longest) bytes at most; this one has \(payload.count)"
            )
        }
        if payload.first == UInt8(ascii: "{"), payload.last == UInt8(ascii: "}") {
            try self.init(readingJSON: payload)
            return
        }
        let text = payload.trimmingWhiteSpace()
        if text.first == UInt8(ascii: "{") {
            try self.init(readingJSON: Array(text))
        } else {
            try self.init(readingWord: text)
        }
    }

    private init(readingWord text: ArraySlice<UInt8>) throws(Refusal) {
        guard let text = String(validating: text, as: UTF8.self) else {
            throw Refusal(.malformedRequest, "a statement is text in UTF-8; this one is not")
        }
        self.init(try Self.word(text))
    }

    private init(readingJSON text: [UInt8]) throws(Refusal) {
        // The keys that matter, without an object: statements are most of what comes in.
        var members: (status: JSONValue?, ttl: JSONValue?, session: JSONValue?)
        var (cause, by): (JSONValue?, JSONValue?)
        var isEmpty = true
        let isRead = unsafe text.withUnsafeBufferPointer { bytes in
            unsafe JSONReader.members(of: bytes) { key, value in
                isEmpty = false
                switch key {
                case "status": members.status = value
                case "ttl": members.ttl = value
                case "session": members.session = value
                case "cause": cause = value
                case "by": by = value
                default: break
                }
            }
        }
        if !isRead { _ = try JSONObject(readingPayload: text) }
        guard isEmpty || members.status != nil || members.ttl != nil || members.session != nil
        else {
            throw Refusal(
                .malformedRequest,
                "an object has status, ttl or session; this one has none of them"
            )
        }
        let status = try members.status?.text("status")
        let ttl = try members.ttl?.whole("ttl")
        let session = try members.session?.text("session")
        if let session, session.utf8.count > Self.longestSession {
            throw Refusal(
                .malformedRequest,
                "session has \(Self.longestSession) bytes at most"
            )
        }
        if let ttl, !Self.ttlRange.contains(ttl) {
            let range = Self.ttlRange
            throw Refusal(
                .invalidExpiry,
                "ttl is \(range.lowerBound) to \(range.upperBound) seconds; this one is \(ttl)"
            )
        }
        self.init(
            try status.map(Self.word) ?? .online,
            ttl: ttl,
            session: session,
            cause: cause?.string.flatMap(Cause.init),
            by: by?.string
        )
    }

    private static func word(_ text: String) throws(Refusal) -> StatusWord {
        guard let word = StatusWord(said: text) else {
            throw Refusal(
                .invalidStatus,
                "a status is 1 to \(StatusWord.longest) characters out of a-z A-Z 0-9 _ -"
            )
        }
        return word
    }

    /// The statement as a JSON object, as the bridge writes it.
    public var payload: [UInt8] {
        var json = JSONWriter(reserving: 96)
        json.beginObject()
        json.member("status", status.text)
        json.member("ttl", ttl)
        json.member("session", session)
        json.member("cause", cause?.rawValue)
        json.member("by", by)
        json.endObject()
        return json.bytes
    }
}

extension StatusWord {
    /// What a text means to the bridge that a device states as its word; `nil` for a text that is
    /// refused.
    package init?(stated text: String) {
        guard !text.contains("{"),
            let statement = try? Statement(reading: Array(text.utf8), longest: Statement.longest)
        else { return nil }
        self = statement.status
    }
}

extension [UInt8] {
    /// The bytes without blanks, tabs and line ends around them.
    fileprivate func trimmingWhiteSpace() -> ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let front = drop(while: isBlank)
        return front.prefix(
            (front.lastIndex { !isBlank($0) } ?? front.startIndex - 1) + 1 - front.startIndex
        )
    }
}
