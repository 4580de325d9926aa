import Presence

/// The subscriptions that are to be renewed before they run out.
struct Renewals {
    /// A renewal that failed is tried again after so long.
    static let patience: Duration = .seconds(30)

    /// Whom a subscription is to: a user, or with `nil` everyone.
    private struct Entry {
        let expiry: Int64?
        var dueAt: ContinuousClock.Instant
    }

    private var entries: [Name?: Entry] = [:]

    /// Renews the subscription from now on, each time when half of its duration is over.
    mutating func keep(
        _ user: Name?,
        expiry: Int64?,
        duration: Int64,
        at now: ContinuousClock.Instant
    ) {
        entries[user] = Entry(expiry: expiry, dueAt: now + .seconds(max(1, duration)) / 2)
    }

    /// Whether it is renewed.
    func keeps(_ user: Name?) -> Bool { entries[user] != nil }

    /// Renews it no longer.
    mutating func drop(_ user: Name?) { entries[user] = nil }

    /// Renews none any longer.
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
            entries[user]?.dueAt = now + Self.patience
        }
        return groups.map { (expiry: $0.key, users: $0.value) }
    }

    /// When the next is due.
    var nextRenewal: ContinuousClock.Instant? { entries.values.map(\.dueAt).min() }
}
