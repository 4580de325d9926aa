import Presence

/// Whether the broker has restarted, by when it says that it started.
///
/// The wall clock tells that over restarts of the bridge, and may have been set back meanwhile. So as
/// long as the process lives the clock that never steps is asked as well; that one may stand still while
/// the host sleeps. Either can only make a start look earlier than it was, and a restart is what one of
/// them shows. Where the wall clock is set back while the process lives, the start that is known goes with it, so
/// that the next process sees the next restart, too.
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
    /// The second of uptime at which it started, as far as this process knows.
    private var startedUptime: Int64?
    private var isLiveExpected = true
    /// Whether an uptime has come since the connection was made.
    private(set) var hasHeard = false
    private var highestUptime: Int64?
    /// What was reckoned last, and by how much the wall clock was then ahead of the one that never steps, in
    /// milliseconds.
    private var reckoning: Reckoning?

    private struct Reckoning: Hashable {
        var started: Int64
        var lead: Int64

        init(_ started: Int64, at now: Instant) {
            self.started = started
            lead = now.unix - now.uptime
        }
    }

    init(started: Int64? = nil) { self.started = started }

    /// A connection was made: the next live uptime is compared.
    mutating func connect() {
        isLiveExpected = true
        hasHeard = false
    }

    /// Goes with the wall clock where it was set back, and forth again after that; returns whether it was.
    ///
    /// Beyond what it was when the start was reckoned it is not followed: a host that has slept looks like that, and
    /// the broker may have restarted meanwhile.
    mutating func follow(_ now: Instant) -> Bool {
        guard let started else { return false }
        guard let reckoning else {
            reckoning = Reckoning(started, at: now)
            return false
        }
        let step = min(0, now.unix - now.uptime - reckoning.lead) / 1_000
        let moved = max(0, reckoning.started + step)
        guard abs(moved - started) > 1 else { return false }
        self.started = moved
        return true
    }

    /// Takes in an uptime.
    ///
    /// - Parameter mayBeLate: Whether it may have waited until the bridge read it: then only one that is
    ///   less than another proves something.
    mutating func learn(
        uptime: Int64,
        isRetained: Bool,
        mayBeLate: Bool,
        at now: Instant
    ) -> Finding {
        hasHeard = true
        let isFresh = !isRetained && !mayBeLate
        // A board without a clock may run for longer than since 1970.
        let reckoned = max(0, now.second - uptime)
        let reckonedUptime = now.uptime / 1_000 - uptime
        // An uptime that is less than one seen before is a restart, whatever the clocks say.
        let wentBack = highestUptime.map { uptime < $0 - 1 } ?? false
        highestUptime = wentBack ? uptime : max(uptime, highestUptime ?? 0)
        guard let started else {
            // By a retained uptime it started then at the latest; the first live one tells better.
            (self.started, startedUptime) = (reckoned, reckonedUptime)
            reckoning = Reckoning(reckoned, at: now)
            isLiveExpected = !isFresh
            return .learnt
        }
        func isLater(by tolerance: Int64) -> Bool {
            reckoned > started + tolerance
                || startedUptime.map { reckonedUptime > $0 + tolerance } ?? false
        }
        let isCompared = isRetained || (isFresh && isLiveExpected)
        if isFresh { isLiveExpected = false }
        let tolerance = isRetained ? Self.retainedTolerance : Self.liveTolerance
        if wentBack || (isCompared && isLater(by: tolerance)) {
            (self.started, startedUptime) = (reckoned, reckonedUptime)
            reckoning = Reckoning(reckoned, at: now)
            return .restarted
        }
        if isRetained, uptime <= Self.retainedTolerance, isLater(by: Self.liveTolerance) {
            return .uncertain
        }
        if isFresh || startedUptime == nil { startedUptime = reckonedUptime }
        // A connection that holds proves that the broker goes on: the wall clock was stepped.
        guard isFresh, abs(reckoned - started) > 1 else { return .same }
        self.started = reckoned
        reckoning = Reckoning(reckoned, at: now)
        return .learnt
    }
}
