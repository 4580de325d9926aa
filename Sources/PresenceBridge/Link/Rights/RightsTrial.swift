import Mosquitto

/// How far the trial of the bridge's rights is: each is tried through a topic of its own, at once, so
/// that all that are missing are told together.
struct RightsTrial {
    /// What follows where a right does not hold at a topic.
    enum Doubt: Equatable {
        /// It is being tried at another topic.
        case triedAgain
        /// It is missing.
        case missing
    }

    /// How long what tries a right may take to come back, in milliseconds.
    static let patience: Int64 = 5_000
    /// How long the own question who serves may take to come back, in milliseconds.
    static let echoPatience: Int64 = 4_000

    private struct Try {
        let topic: String
        /// Until when something must have come back, in milliseconds of uptime.
        let until: Int64
    }

    private var open: [Right: Try] = [:]
    /// What is missing on this connection.
    private var missing: Set<Right> = []
    /// What was told of that, also on earlier connections.
    private var told: Set<Right> = []

    /// A connection begins: everything is to be tried again.
    mutating func begin() {
        open = [:]
        missing = []
    }

    /// A right is being tried through a topic, until a time in milliseconds of uptime.
    mutating func attempt(_ right: Right, through topic: String, until: Int64) {
        open[right] = Try(topic: topic, until: until)
    }

    /// A right was proved.
    mutating func confirm(_ right: Right) {
        // With every message of some kinds: mostly there is nothing to note.
        guard !open.isEmpty || !told.isEmpty || !missing.isEmpty else { return }
        open[right] = nil
        missing.remove(right)
        told.remove(right)
    }

    /// A right is missing.
    mutating func deny(_ right: Right) {
        open[right] = nil
        missing.insert(right)
    }

    /// The rights of which nothing has come back in time, and the topics they were tried through.
    func overdue(at uptime: Int64) -> [(Right, topic: String)] {
        Right.allCases.compactMap { right in
            guard let attempt = open[right], uptime > attempt.until else { return nil }
            return (right, attempt.topic)
        }
    }

    /// All that is missing, once nothing is being tried any more, if some of it was not told yet.
    mutating func takeNews() -> [Right]? {
        guard open.isEmpty, !missing.isSubset(of: told) else { return nil }
        told.formUnion(missing)
        return Right.allCases.filter(missing.contains)
    }

    // MARK: - Trying

    /// Tries all rights at once, but that of the bridge's own topics, which the question tries.
    mutating func attemptAll(_ probes: ProbeTopics, at uptime: Int64, _ out: inout Pending) {
        for right in Right.allCases {
            guard let topic = probes.quiet(right) else { continue }
            attempt(right, through: topic, at: uptime, &out)
        }
    }

    /// Tries a right: what is read must come back, what is written must not be refused.
    private mutating func attempt(
        _ right: Right,
        through topic: String,
        at uptime: Int64,
        _ out: inout Pending
    ) {
        attempt(right, through: topic, until: uptime + Self.patience)
        if right.isRead { out.subscribe([topic], .bridge) }
        out.publish(Message(topic: topic, payload: "", qos: 1))
    }

    /// A right does not hold at a topic: it may hold at another, else it is missing.
    mutating func doubt(
        _ right: Right,
        at topic: String,
        _ probes: ProbeTopics,
        at uptime: Int64,
        _ out: inout Pending
    ) -> Doubt {
        if topic == probes.quiet(right), let exact = probes.exact(right) {
            attempt(right, through: exact, at: uptime, &out)
            return .triedAgain
        }
        deny(right)
        return .missing
    }
}
