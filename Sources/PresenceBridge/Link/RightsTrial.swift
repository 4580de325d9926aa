/// How far the trial of the bridge's rights is: each is tried through a topic of its own, at once, so
/// that all that are missing are told together.
struct RightsTrial {
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

    /// The topic through which a right is being tried.
    func topic(of right: Right) -> String? { open[right]?.topic }

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
}
