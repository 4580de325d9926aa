import PresenceClient

/// The last rounds of one bridge's numbers.
struct MetricsHistory {
    /// More than a terminal is wide.
    static let most = 300

    /// The rounds, the newest last, each with the Unix second at which it came.
    private(set) var rounds: [(time: Int64, metrics: BridgeMetrics)] = []

    mutating func take(_ metrics: BridgeMetrics, at time: Int64) {
        // A bridge that was started again counts from nothing.
        if let last = rounds.last?.metrics["uptime"], metrics["uptime"] ?? 0 < last { rounds = [] }
        rounds.append((time, metrics))
        if rounds.count > Self.most { rounds.removeFirst() }
    }

    /// For how long the last so many rounds have gone on, in seconds.
    func length(of count: Int) -> Int64 {
        guard let first = rounds.suffix(count).first, let last = rounds.last else { return 0 }
        return last.time.subtractingSaturated(first.time)
    }

    /// The last so many values of a number; `nil` where it was not told.
    func values(of name: String, _ count: Int) -> [Double?] {
        rounds.suffix(count).map { $0.metrics[name].map(Double.init) }
    }

    /// The last so many rates of a number that counts, in a second.
    func rates(of name: String, _ count: Int) -> [Double?] {
        let last = rounds.suffix(count + 1)
        return zip(last, last.dropFirst()).map { $1.metrics.rate(of: name, since: $0.metrics) }
    }
}
