import Presence

/// Puts the numbers, which come one by one, together to rounds.
struct MetricsRounds: Sendable {
    /// What a round has, whichever version of the bridge tells it.
    private static let known: Set<String> = [
        "users/online", "users/known", "devices/online", "subscriptions", "requests", "errors",
        "events", "updates", "statuses", "audit/mended", "store/rows", "memory/resident", "uptime",
    ]

    private var rounds: [Name: BridgeMetrics] = [:]
    private var told: [Name: BridgeMetrics] = [:]

    /// Hears a number; returns the round, if it is the last of one and the round is news.
    ///
    /// The bridge tells its uptime last. What is retained comes in an order of the broker's own:
    /// it is a round when nothing is missing.
    mutating func hear(
        _ name: String,
        of bridge: Name,
        _ value: Int64,
        isRetained: Bool
    ) -> BridgeMetrics? {
        var round = rounds[bridge] ?? BridgeMetrics(bridge: bridge)
        round.values[name] = value
        rounds[bridge] = round
        let isWhole =
            isRetained ? Self.known.isSubset(of: round.values.keys) : name == "uptime"
        guard isWhole, told[bridge] != round else { return nil }
        told[bridge] = round
        return round
    }
}
