import Presence
import PresenceCore

/// Past the limit the subscription with the least time left gives way, and only to one that lasts
/// strictly longer; of equals the one with the smaller name.
///
/// Judged is only what is certain: ends that an answer or a rest has told, of subscriptions that have
/// not run out for some time yet. With a limit of watchers nobody can say why a name was rejected.
package struct ShortestGivesWay: Checker {
    package static let rule = "the subscription with the least time left gives way"

    /// How much longer a subscription must last to be certainly there, in milliseconds.
    private static let margin: Int64 = 2_000

    private struct Held: Hashable {
        var user: String
        var expires: Int64

        func precedes(_ other: Held) -> Bool {
            expires != other.expires ? expires < other.expires : user < other.user
        }
    }

    private let limits: CheckedLimits
    private var book: SubscriptionBook

    package init(_ limits: CheckedLimits) {
        self.limits = limits
        book = SubscriptionBook(limits)
    }

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        if case .answered(let answer) = entry.event, answer.operation == "subscribe",
            answer.code == nil
        {
            judge(answer, at: entry.time, &breaches)
        }
        book.read(entry)
        switch entry.event {
        case .told(let watcher, let tellings, _):
            // What a request evicted is told before the answers of its turn, which name it, too.
            for case .ended(let user, "expired") in tellings { book.end(watcher, user) }
        case .rest(let rest):
            book.giveUp()
            book.settle(rest.subscriptions)
        default: break
        }
    }

    private func judge(_ answer: AnswerSeen, at time: Instant, _ breaches: inout [String]) {
        let made = (answer.content.object?["subscribed"]?.array ?? []).compactMap { value in
            value.object?["username"]?.string
        }
        let expires = answer.content.object?["subscribed"]?.array?.first?.object?["expires"]
        guard let expires = expires?.integer else { return }
        let evicted = Set(names("evicted", of: answer))
        let rejected = names("rejected", of: answer)
        let known = book.states[answer.user, default: [:]]
        let certain = known.compactMap { user, state -> Held? in
            guard user != SubscriptionWish.everyone, !state.mayBeNone, state.ends.count == 1,
                let end = state.ends.first, end.count == 1
            else { return nil }
            return Held(user: user, expires: end.lowerBound)
        }
        .sorted { $0.precedes($1) }
        // Those that were renewed do not give way.
        let kept = certain.filter {
            !evicted.contains($0.user) && !made.contains($0.user)
                && $0.expires * 1_000 > time.unix + Self.margin
        }
        for victim in certain where evicted.contains(victim.user) {
            if victim.expires >= expires {
                breaches.append("\(answer.user)'s subscription to \(victim.user) was no shorter")
            }
            if let shorter = kept.first, shorter.precedes(victim) {
                breaches.append(
                    "\(answer.user)'s subscription to \(victim.user) gave way, and not that to "
                        + shorter.user
                )
            }
        }
        guard !rejected.isEmpty, limits.maxWatchers == 0 else { return }
        if let shorter = kept.first, shorter.expires < expires {
            breaches.append(
                "\(answer.user)'s subscription to \(shorter.user) did not give way to "
                    + rejected.joined(separator: ", ")
            )
        }
        if Set(known.keys).union(made).subtracting(evicted).count < limits.maxSubscriptions {
            breaches.append("\(answer.user) had a place for \(rejected.joined(separator: ", "))")
        }
    }

    private func names(_ key: String, of answer: AnswerSeen) -> [String] {
        answer.content.object?[key]?.array?.compactMap(\.string) ?? []
    }
}
