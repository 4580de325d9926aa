import Presence

/// The subscriptions that are to be renewed before they run out.
package struct Renewals: Sendable {
    /// A renewal that failed is tried again after so long.
    static let retryAfter: Duration = .seconds(30)

    /// Whom a subscription is to: a user, or with `nil` everyone.
    private struct Entry: Sendable {
        let expiry: Int64?
        var dueAt: ContinuousClock.Instant
    }

    /// The bridge's default, taken at most when the bridge has chosen the duration, in seconds.
    private static let longest: Int64 = 604_800
    /// Taken at least then, in seconds: the clocks may differ.
    private static let shortest: Int64 = 60

    private var entries: [Name?: Entry] = [:]

    /// Renews the subscription from now on, each time when half of its duration is over.
    ///
    /// - Parameters:
    ///   - user: Whom it is to: a user, or with `nil` everyone.
    ///   - expiry: The duration that was asked for, in seconds; `nil` for the bridge's choice.
    ///   - expires: When it ends by the bridge's answer, which may be any number, in Unix seconds.
    ///   - time: The Unix second by this machine's clock, which may differ from the bridge's.
    package mutating func keep(
        _ user: Name?,
        expiry: Int64?,
        until expires: Int64,
        time: Int64,
        at now: ContinuousClock.Instant
    ) {
        let left = expires.subtractingSaturated(time)
        let duration = expiry ?? min(Self.longest, max(Self.shortest, left))
        entries[user] = Entry(expiry: expiry, dueAt: now + .seconds(max(1, duration)) / 2)
    }

    func keeps(_ user: Name?) -> Bool { entries[user] != nil }

    mutating func drop(_ user: Name?) { entries[user] = nil }

    mutating func dropAll() { entries = [:] }

    /// Makes the subscription anew, as soon as possible, if it is one of these.
    mutating func hasEnded(_ user: Name?, at now: ContinuousClock.Instant) {
        entries[user]?.dueAt = now
    }

    /// What is to be renewed now: users by the expiry that they were subscribed to with.
    ///
    /// What is not kept anew is due again after a while.
    mutating func due(at now: ContinuousClock.Instant) -> [(expiry: Int64?, users: [Name?])] {
        var groups: [Int64?: [Name?]] = [:]
        for (user, entry) in entries where entry.dueAt <= now {
            groups[entry.expiry, default: []].append(user)
            entries[user]?.dueAt = now + Self.retryAfter
        }
        return groups.map { (expiry: $0.key, users: $0.value) }
    }

    package var nextRenewal: ContinuousClock.Instant? { entries.values.map(\.dueAt).min() }
}
