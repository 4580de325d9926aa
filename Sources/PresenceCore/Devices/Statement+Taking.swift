import Presence

extension Statement {
    /// Becomes what a device says; one that names no session is of the session that was named before.
    mutating func take(_ said: Statement) {
        status = said.status
        ttl = said.ttl
        if let named = said.session { session = named }
        cause = nil
        by = nil
    }

    /// For how long holds what an operator states that names no time, in seconds: 30 days.
    ///
    /// Nobody is connected to state it again. It is longer than any promise of a device's, is kept where those are, and is never written to a topic.
    static let operatorTTL: Int64 = 2_592_000

    /// Whether it holds for so long.
    var isOperatorLong: Bool { ttl == Self.operatorTTL }

    /// The promise as it is written to the topic.
    var writtenTTL: Int64? { isOperatorLong ? nil : ttl }

    /// Whether a statement that is found on a topic is one that is known, whose session may have been named before.
    func matches(_ known: Statement) -> Bool {
        status == known.status && ttl == known.writtenTTL
            && (session ?? known.session) == known.session
    }
}
