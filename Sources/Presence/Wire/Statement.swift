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
        self.init(try Self.word(StatusWord(said: text)))
    }

    private init(readingJSON text: [UInt8]) throws(Refusal) {
        let read = unsafe text.withUnsafeBufferPointer { bytes in unsafe Members.read(bytes) }
        guard let read else {
            _ = try JSONObject(readingPayload: text)
            throw Refusal(.malformedRequest, "a JSON object is wanted: {...}")
        }
        self = try read.get()
    }

    /// The members that matter, in place, without an object: statements are most of what comes in.
    private struct Members {
        var isEmpty = true
        var status = JSONField<RawText>.absent
        var ttl = JSONField<Int64>.absent
        var session = JSONField<RawText>.absent
        var cause: RawText?
        var by: RawText?

        /// The statement, or what is wrong with it; `nil` for what is no JSON object.
        static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<Statement, Refusal>? {
            var members = Members()
            let isRead = unsafe JSONReader.members(of: bytes) { key, value in
                members.isEmpty = false
                switch key {
                case "status": members.status = JSONField(found: value.text)
                case "ttl": members.ttl = JSONField(found: value.integer)
                case "session": members.session = JSONField(found: value.text)
                case "cause": members.cause = value.text
                case "by": members.by = value.text
                default: break
                }
            }
            guard isRead else { return nil }
            do throws(Refusal) { return .success(try members.statement()) } catch {
                return .failure(error)
            }
        }

        private func statement() throws(Refusal) -> Statement {
            guard isEmpty || status.isPresent || ttl.isPresent || session.isPresent else {
                throw Refusal(
                    .malformedRequest,
                    "an object has status, ttl or session; this one has none of them"
                )
            }
            let status = try status.text("status")
            let ttl = try ttl.whole("ttl")
            let session = try session.text("session")
            if let session, session.count > Statement.longestSession {
                throw Refusal(
                    .malformedRequest,
                    "session has \(Statement.longestSession) bytes at most"
                )
            }
            if let ttl, !Statement.ttlRange.contains(ttl) {
                let range = Statement.ttlRange
                throw Refusal(
                    .invalidExpiry,
                    "ttl is \(range.lowerBound) to \(range.upperBound) seconds; this one is \(ttl)"
                )
            }
            return Statement(
                try status.map { text throws(Refusal) in
                    try Statement.word(StatusWord(said: text))
                } ?? .online,
                ttl: ttl,
                session: session?.string,
                cause: (cause?.string).flatMap(Cause.init),
                by: by?.string
            )
        }
    }

    private static func word(_ word: StatusWord?) throws(Refusal) -> StatusWord {
        guard let word else {
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
