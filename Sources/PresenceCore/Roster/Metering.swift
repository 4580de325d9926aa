import Presence

/// A token bucket for each user that has been busy of late, and what is held back.
struct Metering<Held: Sendable>: Sendable {
    /// How many buckets there may be before those that are full are dropped.
    private static var crowd: Int { 1_024 }

    /// Whether something may pass.
    enum Verdict: Hashable {
        /// It may.
        case passes
        /// It may not, and this is said: after how many milliseconds there is a token.
        case refused(wait: Int64)
        /// It may not, and the user was told so within the last second.
        case dropped
    }

    private var buckets: [Name: TokenBucket] = [:]
    private var held: [Name: [(device: Name, what: Held)]] = [:]
    private var sweepAt = crowd

    /// Takes a token of the user's.
    mutating func take(_ user: Name, rate: Int, burst: Int, at now: Instant) -> Verdict {
        var bucket = buckets[user] ?? TokenBucket(burst: burst, at: now.uptime)
        defer { buckets[user] = bucket }
        sweep(rate: rate, burst: burst, at: now)
        if bucket.take(rate: rate, burst: burst, at: now.uptime) { return .passes }
        if let refused = bucket.refused, now.uptime - refused < 1_000 { return .dropped }
        bucket.refused = now.uptime
        return .refused(wait: bucket.wait(rate: rate))
    }

    /// When the user has a token again, in milliseconds.
    func wait(_ user: Name, rate: Int) -> Int64 { buckets[user]?.wait(rate: rate) ?? 0 }

    /// What became of something that was to be kept.
    enum Keeping: Hashable {
        /// It is the user's first, for which an alarm is wanted.
        case first
        /// It is kept with others.
        case kept
        /// There was no place for it.
        case dropped
    }

    /// Keeps the newest of a device until there is a token, in the place of what was kept of it, so
    /// that a device that goes on and on does not wait for ever behind others.
    mutating func hold(_ what: Held, of user: Name, _ device: Name, limit: Int) -> Keeping {
        if held(user, device) != nil {
            changeHeld(user, device) { $0 = what }
            return .kept
        }
        let count = held[user]?.count ?? 0
        guard count < limit else { return .dropped }
        held[user, default: []].append((device, what))
        return count == 0 ? .first : .kept
    }

    /// What is held of a device.
    func held(_ user: Name, _ device: Name) -> Held? {
        held[user]?.first { $0.device == device }?.what
    }

    /// Changes what is held of a device.
    mutating func changeHeld(_ user: Name, _ device: Name, by change: (inout Held) -> Void) {
        guard let index = held[user]?.firstIndex(where: { $0.device == device }) else { return }
        if var what = held[user]?[index].what {
            change(&what)
            held[user]?[index].what = what
        }
    }

    /// Drops what is held of a device, since something newer has passed.
    mutating func drop(_ user: Name, _ device: Name) {
        held[user]?.removeAll { $0.device == device }
        if held[user]?.isEmpty == true { held[user] = nil }
    }

    /// Takes what has been held longest.
    mutating func takeHeld(_ user: Name) -> Held? {
        guard let first = held[user]?.first else { return nil }
        held[user]?.removeFirst()
        if held[user]?.isEmpty == true { held[user] = nil }
        return first.what
    }

    /// Whether anything of the user's is held.
    func holds(_ user: Name) -> Bool { held[user] != nil }

    /// Drops everything that is held.
    mutating func forgetHeld() { held = [:] }

    private mutating func sweep(rate: Int, burst: Int, at now: Instant) {
        guard buckets.count >= sweepAt else { return }
        buckets = buckets.filter { entry in
            var bucket = entry.value
            return !bucket.isFull(rate: rate, burst: burst, at: now.uptime)
        }
        sweepAt = max(Self.crowd, buckets.count * 2)
    }
}
