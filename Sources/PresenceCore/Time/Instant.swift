/// A moment on both clocks that matter, as the shell reads them once a turn.
public struct Instant: Hashable, Sendable {
    /// Milliseconds on a clock that never steps: graces, ttls, rates and intervals are on it.
    public var uptime: Int64
    /// Milliseconds since 1970 on a clock that may step: what is told of time is on it.
    public var unix: Int64

    /// A moment on both clocks.
    public init(uptime: Int64, unix: Int64) {
        self.uptime = uptime
        self.unix = unix
    }

    /// The Unix second that has begun.
    var second: Int64 { unix / 1_000 }

    /// The Unix second that begins next, or this one if it begins now.
    var nextSecond: Int64 { (unix + 999) / 1_000 }
}

extension Duration {
    package var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}

/// Seconds that never go back, whatever the wall clock does.
struct SteadyClock: Hashable, Sendable {
    private(set) var latest: Int64 = 0

    /// Learns of a second that was told before a restart.
    mutating func learn(_ second: Int64?) {
        if let second { latest = max(latest, second) }
    }

    mutating func second(at now: Instant) -> Int64 {
        latest = max(latest, now.second)
        return latest
    }
}

extension Instant {
    /// The moment with an earlier uptime, if one is given.
    func earlier(_ uptime: Int64?) -> Instant {
        Instant(uptime: min(uptime ?? self.uptime, self.uptime), unix: unix)
    }
}
