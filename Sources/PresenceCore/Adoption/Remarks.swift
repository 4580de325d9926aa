/// What was said in the log of messages and names, each once: whoever may write to topics could fill the log.
struct Remarks: Sendable {
    /// How many different remarks are made; others may be once the first of them is a day old.
    private static let most = 200
    private static let lifetime: Int64 = 86_400_000

    private var made: Set<String> = []
    /// When the first of them was made, in milliseconds of uptime.
    private var since: Int64 = 0

    /// Whether something has not been said yet, and may be; it counts as said then.
    mutating func isNew(_ words: String, at now: Instant) -> Bool {
        if made.count >= Self.most, now.uptime - since >= Self.lifetime { made = [] }
        if made.isEmpty { since = now.uptime }
        return made.count < Self.most && made.insert(words).inserted
    }
}
