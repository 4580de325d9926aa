import PresenceCore

/// Nothing is told of a user to whom the watcher's subscription has ended.
///
/// Permitted: what was collected before an end that is itself still to be told, which comes in the
/// same message or in the next part of it; anything while a request that has reached the bridge
/// may have made a subscription; a moment after an expiry, for what is on its way; and what a
/// connection held back on which nothing passed for a while.
package struct NothingAfterEnd: Checker {
    package static let rule = "no status is told after the subscription has ended"

    /// For how long after its end what is on its way may still be told, in milliseconds.
    private static let slack: Int64 = 100
    /// How long the parts of one message may be apart, in milliseconds.
    private static let split: Int64 = 60

    private struct Suspect {
        var watcher: String
        var user: String
        var seq: Int64
        var uptime: Int64
    }

    private var book: SubscriptionBook
    private var suspects: [Suspect] = []
    /// Whether messages may have been held back.
    private var isLate = false

    package init(_ limits: CheckedLimits) { book = SubscriptionBook(limits) }

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        book.read(entry)
        if !suspects.isEmpty { judge(at: entry.time.uptime, &breaches) }
        switch entry.event {
        case .told(let watcher, let tellings, _):
            let unix = isLate ? Int64.min : book.clock.earliest(at: entry.time) - Self.slack
            for telling in tellings {
                switch telling {
                case .status(let status):
                    guard !book.mayHold(watcher, status.username, at: unix) else { continue }
                    suspects.append(
                        Suspect(
                            watcher: watcher,
                            user: status.username,
                            seq: status.seq,
                            uptime: entry.time.uptime
                        )
                    )
                case .ended(let user, _):
                    suspects.removeAll {
                        $0.watcher == watcher && (user == nil || $0.user == user)
                    }
                    book.end(watcher, user)
                }
            }
        case .fault(.bridgePartitioned): isLate = true
        case .bridgeServes: isLate = false
        case .bridgeEnded, .bridgeCutOff:
            // The rest of the message is lost.
            suspects.removeAll()
        case .rest(let rest):
            isLate = false
            judge(at: .max, &breaches)
            book.settle(rest.subscriptions)
        default: break
        }
    }

    private mutating func judge(at uptime: Int64, _ breaches: inout [String]) {
        suspects.removeAll { suspect in
            guard uptime - suspect.uptime > Self.split else { return false }
            breaches.append(
                "\(suspect.watcher) is told of \(suspect.user), seq \(suspect.seq), to whom it is "
                    + "not subscribed"
            )
            return true
        }
    }
}
