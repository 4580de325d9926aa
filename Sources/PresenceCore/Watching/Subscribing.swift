import Presence

/// What becomes of each username in a `subscribe`, decided before anything is changed.
struct Subscribing: Hashable, Sendable {
    /// Those that are subscribed now, at their places in the request.
    var subscribed: Set<Int> = []
    /// Those for whom there was no place, at their places in the request.
    var rejected: Set<Int> = []
    /// Whose subscriptions are replaced, in the order in which it happens.
    var evicted: [UserID] = []

    /// Decides by the rules of the protocol: renewals first, then each new one in the order
    /// given; past the limit the one with the least time left gives way to one that strictly
    /// outlasts it.
    ///
    /// - Parameters:
    ///   - held: the watcher's subscriptions that have not ended, without the one to everyone.
    ///   - wanted: the users of the request, `nil` for a name that nothing refers to yet.
    ///   - expires: when the new subscriptions end.
    ///   - isFull: whether a user has all the watchers that it may have.
    ///   - precedes: which of two users has the smaller name.
    init(
        held: [Subscription],
        wanted: [UserID?],
        expires: UInt32,
        limit: Int,
        isFull: (UserID) -> Bool,
        precedes: (UserID, UserID) -> Bool
    ) {
        let holding = Set(held.lazy.map(\.user))
        let renewed = Set(wanted.compactMap { $0 }.filter(holding.contains))
        var places = limit - held.count
        // The ones that may give way, the first to go last. Sorted only when one has to go.
        var replaceable: [Subscription]?
        for (place, user) in wanted.enumerated() {
            if let user, renewed.contains(user) {
                subscribed.insert(place)
                continue
            }
            if let user, isFull(user) {
                rejected.insert(place)
                continue
            }
            if places > 0 {
                places -= 1
                subscribed.insert(place)
                continue
            }
            if replaceable == nil {
                replaceable = held.filter { !renewed.contains($0.user) }.sorted {
                    $0.expires != $1.expires
                        ? $0.expires > $1.expires : precedes($1.user, $0.user)
                }
            }
            // Those renewed or made by this request end when the new one does: none gives way.
            guard let victim = replaceable?.last, victim.expires < expires else {
                rejected.insert(place)
                continue
            }
            replaceable?.removeLast()
            evicted.append(victim.user)
            subscribed.insert(place)
        }
    }
}
