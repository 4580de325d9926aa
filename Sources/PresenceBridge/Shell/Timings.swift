import PresenceHTTP

/// How long turns and commits take, and how old changes are when they leave, for whoever reads the metrics.
struct Timings {
    private let clock: () -> UInt64
    private var turns = Histogram()
    private var commits = Histogram()
    private var events = Histogram()
    /// The same, of the interval of the metrics that runs.
    private var interval = Interval()

    private struct Interval {
        var turns = Latencies()
        var commits = Latencies()
        var events = Latencies()
    }

    /// - Parameter clock: Nanoseconds on a clock that never steps.
    init(clock: @escaping () -> UInt64) { self.clock = clock }

    /// The time now, to measure from.
    var now: UInt64 { clock() }

    mutating func endTurn(begun: UInt64) {
        let time = since(begun)
        turns.record(time)
        interval.turns.record(time)
    }

    mutating func endCommit(begun: UInt64) {
        let time = since(begun)
        commits.record(time)
        interval.commits.record(time)
    }

    /// A batch of events is handed to the link.
    ///
    /// A status has the Unix millisecond of its change for a number, or a little more than that.
    ///
    /// - Parameters:
    ///   - unix: The time of the turn, in milliseconds since 1970.
    ///   - begun: When the turn began, on the clock.
    mutating func leave(_ batch: [UInt8], at unix: Int64, begun: UInt64) {
        guard let number = Self.firstNumber(in: batch) else { return }
        let (age, isTooLong) = max(0, unix - number).multipliedReportingOverflow(by: 1_000)
        let time = (isTooLong ? .max / 2 : age) + since(begun)
        events.record(time)
        interval.events.record(time)
    }

    /// The median and the 99th percentile of the interval that ends with this, in microseconds.
    mutating func takeLatencies() -> [(name: String, value: Int64)] {
        let (events, turns, commits) = (
            interval.events.take(), interval.turns.take(), interval.commits.take()
        )
        return [
            ("latency/event/median", events.median), ("latency/event/p99", events.p99),
            ("latency/turn/median", turns.median), ("latency/turn/p99", turns.p99),
            ("latency/commit/median", commits.median), ("latency/commit/p99", commits.p99),
        ]
    }

    /// The measures of all of them.
    var measures: [Measure] {
        [
            Measure(
                "presence_turn_seconds",
                "How long a turn of the loop takes.",
                .histogram(turns)
            ),
            Measure(
                "presence_commit_seconds",
                "How long the store takes for what a turn wants stored.",
                .histogram(commits)
            ),
            Measure(
                "presence_event_age_seconds",
                "How long ago the oldest change in a batch of events was when it leaves the loop.",
                .histogram(events)
            ),
        ]
    }

    private func since(_ begun: UInt64) -> Int64 {
        let now = clock()
        return now > begun ? Int64(clamping: (now - begun) / 1_000) : 0
    }

    private static let key = Array(",\"seq\":".utf8)

    /// The `seq` of the first status in a batch; within a text the quotation marks would be escaped.
    static func firstNumber(in batch: [UInt8]) -> Int64? {
        var start = batch.startIndex
        while let comma = batch[start...].firstIndex(of: key[0]) {
            let rest = batch[comma...]
            guard rest.starts(with: key) else {
                start = comma + 1
                continue
            }
            let digits = rest.dropFirst(key.count).prefix { (0x30...0x39).contains($0) }
            return Int64(String(decoding: digits, as: UTF8.self))
        }
        return nil
    }
}
