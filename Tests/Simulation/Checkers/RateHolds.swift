import PresenceCore

/// No user has more requests carried out than its rate allows.
///
/// A naive bucket for each user: full at first, and again when the bridge starts. Permitted is what
/// a token or so may differ by, since answers take their time to the broker, and anything while a
/// connection holds answers back.
package struct RateHolds: Checker {
    package static let rule = "no more requests are carried out than the rate allows"

    /// How much the ways of two answers to the broker may differ, in milliseconds.
    private static let latency: Int64 = 200

    private struct Bucket {
        /// Thousandths of a token.
        var level: Int64
        var filled: Int64
    }

    private let rate: Int64
    private let capacity: Int64
    private var buckets: [String: Bucket] = [:]
    private var isLate = false

    package init(_ limits: CheckedLimits) {
        rate = Int64(limits.requestRate)
        capacity = Int64(limits.requestBurst) * 1_000
    }

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch entry.event {
        case .answered(let answer) where answer.tag != nil && answer.code != "rate_limited":
            take(answer.user, at: entry.time.uptime, &breaches)
        case .bridgeStarted, .bridgeEnded: buckets = [:]
        case .fault(.bridgePartitioned): isLate = true
        case .bridgeServes where isLate:
            isLate = false
            buckets = [:]
        default: break
        }
    }

    private mutating func take(_ user: String, at uptime: Int64, _ breaches: inout [String]) {
        guard !isLate else { return }
        var bucket = buckets[user] ?? Bucket(level: capacity, filled: uptime)
        bucket.level = min(capacity, bucket.level + (uptime - bucket.filled) * rate) - 1_000
        bucket.filled = uptime
        if bucket.level < -Self.latency * rate {
            breaches.append("\(user) has more requests carried out than its rate allows")
            bucket.level = capacity
        }
        buckets[user] = bucket
    }
}
