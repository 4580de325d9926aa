import Presence

/// What becomes of each username in a `subscribe`, decided before anything is changed.
struct SubscriptionPlan: Hashable, Sendable {
    /// Those that are subscribed now, at their places in the request.
    var subscribed: [Int] = []
    /// Those for whom there was no place, at their places in the request.
    var rejected: [Int] = []
    /// Whose subscriptions are replaced, in the order in which it happens.
    var evicted: [UserID] = []

    /// Decides by the rules of the protocol: renewals first, then each new one in the order
    /// given; past the limit the one with the least time left gives way to one that strictly
    /// outlasts it.
    ///
    /// - Parameters:
    ///   - held: the watcher's subscriptions that have not ended, without the one to everyone,
    ///     sorted by user.
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
        var places = limit - held.count
        // The ones that may give way, the first to go last; looked for only when one has to go.
        var replaceable: [Subscription]?
        for (place, user) in wanted.enumerated() {
            if let user, held.holds(user) {
                subscribed.append(place)
                continue
            }
            if let user, isFull(user) {
                rejected.append(place)
                continue
            }
            if places > 0 {
                places -= 1
                subscribed.append(place)
                continue
            }
            if replaceable == nil {
                // Those renewed or made by this request end when the new one does: none gives way.
                let renewed = Set(wanted.compactMap(\.self).filter(held.holds))
                let shorter = held.lazy.filter {
                    $0.expires < expires && !renewed.contains($0.user)
                }
                replaceable = shorter.least(wanted.count - place) {
                    $0.expires != $1.expires
                        ? $0.expires < $1.expires : precedes($0.user, $1.user)
                }.reversed()
            }
            guard let victim = replaceable?.popLast() else {
                rejected.append(place)
                continue
            }
            evicted.append(victim.user)
            subscribed.append(place)
        }
    }
}

extension [Subscription] {
    /// Whether there is one to a user; they must be sorted by user.
    func holds(_ user: UserID) -> Bool {
        let place = partition { $0.user >= user }
        return place < count && self[place].user == user
    }
}

extension Sequence {
    /// The least few elements, in order: for a few out of many much cheaper than to sort all.
    fileprivate func least(
        _ limit: Int,
        by precedes: (Element, Element) -> Bool
    ) -> ContiguousArray<Element> {
        var least: ContiguousArray<Element> = []
        for element in self {
            if least.count == limit {
                guard let last = least.last, precedes(element, last) else { continue }
                least.removeLast()
            }
            let place = least.partition { precedes(element, $0) }
            least.insert(element, at: place)
        }
        return least
    }
}
