import Presence

/// Whether the broker has restarted, by when it says that it started.
struct BrokerStart: Hashable, Sendable {
    /// How much a start that was reckoned from a retained uptime may be off, in seconds: the
    /// uptime can be as old as the broker's `sys_interval`.
    static let retainedTolerance: Int64 = 15
    /// How much one that was reckoned from a live uptime may be off, in seconds.
    static let liveTolerance: Int64 = 3

    /// What an uptime tells.
    enum Finding: Hashable {
        case same
        /// The broker's start was learnt, or is known better.
        case learnt
        /// The broker is young, and may have restarted: the next live uptime will tell.
        case uncertain
        /// The broker has restarted since it was last heard of.
        case restarted
    }

    /// The Unix second at which the broker started, as far as it is known.
    private(set) var started: Int64?
    private var isLiveExpected = true
    /// Whether an uptime has come since the connection was made.
    private(set) var hasHeard = false
    private var highestUptime: Int64?

    init(started: Int64? = nil) { self.started = started }

    /// A connection was made: the next live uptime is compared.
    mutating func connect() {
        isLiveExpected = true
        hasHeard = false
    }

    /// Takes in an uptime.
    ///
    /// - Parameter mayBeLate: Whether it may have waited until the bridge read it: then only one that is
    ///   less than another proves something.
    mutating func learn(
        uptime: Int64,
        isRetained: Bool,
        mayBeLate: Bool,
        unixSecond: Int64
    ) -> Finding {
        hasHeard = true
        let isFresh = !isRetained && !mayBeLate
        // A board without a clock may run for longer than since 1970.
        let reckoned = max(0, unixSecond - uptime)
        // An uptime that is less than one seen before is a restart, whatever the clocks say.
        let wentBack = highestUptime.map { uptime < $0 - 1 } ?? false
        highestUptime = wentBack ? uptime : max(uptime, highestUptime ?? 0)
        guard let started else {
            // By a retained uptime it started then at the latest; the first live one tells better.
            self.started = reckoned
            isLiveExpected = !isFresh
            return .learnt
        }
        let isCompared = isRetained || (isFresh && isLiveExpected)
        let tolerance = isRetained ? Self.retainedTolerance : Self.liveTolerance
        if isFresh { isLiveExpected = false }
        if wentBack || (isCompared && reckoned > started + tolerance) {
            self.started = reckoned
            return .restarted
        }
        if isRetained, uptime <= Self.retainedTolerance, reckoned > started + Self.liveTolerance {
            return .uncertain
        }
        // A connection that holds proves that the broker goes on: the wall clock was stepped.
        guard isFresh, abs(reckoned - started) > 1 else { return .same }
        self.started = reckoned
        return .learnt
    }
}
