import PresenceCore

/// What was acknowledged about subscriptions is so at the next rest, whatever died in between, and
/// nothing else is.
///
/// A request that was never answered may have been carried out or not; so may the eviction that a
/// `subscribe` led to. A subscription whose end the clock has passed, if only for a moment before it
/// was set back, may be gone, and is gone when that was seconds ago.
package struct AcknowledgedHolds: Checker {
    package static let rule = "every acknowledged subscription holds, and no other"

    /// How long before the rest its answers may have been given, in milliseconds.
    private static let slack: Int64 = 2_000

    private var book: SubscriptionBook

    package init(_ limits: CheckedLimits) { book = SubscriptionBook(limits) }

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        book.read(entry)
        switch entry.event {
        case .told(let watcher, let tellings, _):
            for case .ended(let user, _) in tellings { book.end(watcher, user) }
        case .rest(let rest):
            book.giveUp()
            compare(rest.subscriptions, at: entry.time, &breaches)
            book.settle(rest.subscriptions)
        default: break
        }
    }

    private func compare(
        _ found: [String: [String: Int64]],
        at time: Instant,
        _ breaches: inout [String]
    ) {
        for watcher in Set(found.keys).union(book.states.keys).sorted() {
            let listed = found[watcher, default: [:]]
            let known = book.states[watcher, default: [:]]
            for user in Set(listed.keys).union(known.keys).sorted() {
                let state = known[user, default: .init()]
                guard let expires = listed[user] else {
                    if !state.mayBeNone,
                        state.ends.allSatisfy({ $0.lowerBound * 1_000 > time.unix })
                    {
                        breaches.append("\(watcher)'s subscription to \(user) is lost")
                    }
                    continue
                }
                if !state.ends.contains(where: { $0.contains(expires) }) {
                    breaches.append(
                        "\(watcher) is subscribed to \(user) until \(expires), which nobody said"
                    )
                } else if expires * 1_000 <= book.clock.earliest(at: time) - Self.slack {
                    breaches.append("\(watcher)'s subscription to \(user) has not run out")
                }
            }
        }
    }
}
