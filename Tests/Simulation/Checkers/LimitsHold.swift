import Presence
import PresenceCore

/// The limits of the configuration hold whenever something is stored or published.
///
/// Permitted: a subscription too many that has run out and is still stored; one telling alone that
/// is longer than a message may be; and two messages at once that would not fit into one. Messages
/// may be as much nearer to each other than the interval as their ways to the broker differ, and
/// come together after a time in which nothing passed. In one message a user comes twice only around
/// the end of a subscription, which fixes what was to be told before.
package struct LimitsHold: Checker {
    package static let rule = "the limits hold"

    /// How much the ways of two messages to the broker may differ, in milliseconds.
    private static let latency: Int64 = 60
    /// How far apart two parts of one batch can arrive: the window lets only so many be on their way.
    private static let apart: Int64 = 20

    private let limits: CheckedLimits
    private var stored = StoredSubscriptions()
    /// When each watcher was told something last, and how long that was.
    private var last: [String: (uptime: Int64, bytes: Int)] = [:]
    private var isLate = false

    package init(_ limits: CheckedLimits) { self.limits = limits }

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch entry.event {
        case .stored(let changes): count(changes, at: entry.time.unix, &breaches)
        case .status(_, let status?): count(status, &breaches)
        case .told(let watcher, let tellings, let bytes):
            measure(watcher, tellings.count, bytes, at: entry.time.uptime, &breaches)
            count(tellings, watcher, &breaches)
        case .answered(let answer) where answer.code == nil: count(answer, &breaches)
        case .rest(let rest):
            isLate = false
            for (watcher, held) in rest.subscriptions where held.count > limits.maxSubscriptions {
                breaches.append("\(watcher) has \(held.count) subscriptions")
            }
        case .bridgeStarted, .bridgeCutOff, .bridgeEnded: last = [:]
        case .bridgeServes: isLate = false
        case .fault(.bridgePartitioned): isLate = true
        default: break
        }
    }

    private mutating func count(
        _ changes: [Change],
        at unix: Int64,
        _ breaches: inout [String]
    ) {
        var put: [(watcher: UserID, user: UserID)] = []
        for change in changes {
            if let subscription = stored.take(change) { put.append(subscription) }
        }
        var seen: Set<UserID> = []
        for (watcher, user) in put {
            if seen.insert(watcher).inserted {
                let living = stored.held[watcher, default: [:]].values.count { $0 * 1_000 > unix }
                if living > limits.maxSubscriptions {
                    breaches.append("\(stored.name(watcher)) has \(living) subscriptions stored")
                }
            }
            guard limits.maxWatchers > 0, user != .everyone else { continue }
            let living = stored.watchers[user, default: []].count {
                (stored.held[$0]?[user] ?? 0) * 1_000 > unix
            }
            if living > limits.maxWatchers {
                breaches.append("\(stored.name(user)) has \(living) watchers stored")
            }
        }
    }

    private func count(_ status: StatusSeen, _ breaches: inout [String]) {
        if status.devices.count > limits.maxDevices {
            breaches.append("\(status.username) has \(status.devices.count) devices online")
        }
    }

    private func count(_ tellings: [EventSeen], _ watcher: String, _ breaches: inout [String]) {
        if tellings.isEmpty { breaches.append("\(watcher) is told nothing") }
        var seen: Set<String> = []
        for telling in tellings {
            switch telling {
            case .status(let status):
                count(status, &breaches)
                if tellings.count > 1, !seen.insert(status.username).inserted {
                    breaches.append("\(watcher) is told of \(status.username) twice at once")
                }
            case .ended(nil, _): seen = []
            case .ended(let user?, _): seen.remove(user)
            }
        }
    }

    private func count(_ answer: AnswerSeen, _ breaches: inout [String]) {
        guard answer.operation == "subscriptions" || answer.operation == "watchers",
            let result = answer.content.object, let total = result["total"]?.integer
        else { return }
        if answer.operation == "watchers" {
            if limits.maxWatchers > 0, total > limits.maxWatchers {
                breaches.append("\(answer.user) has \(total) watchers by its answer")
            }
        } else if total + (result["all"] == nil ? 0 : 1) > limits.maxSubscriptions {
            breaches.append("\(answer.user) has \(total) subscriptions by its answer")
        }
    }

    private mutating func measure(
        _ watcher: String,
        _ tellings: Int,
        _ bytes: Int,
        at uptime: Int64,
        _ breaches: inout [String]
    ) {
        if bytes > limits.maxMessage, tellings > 1 {
            breaches.append("\(watcher) is told \(bytes) bytes at once")
        }
        let before = last.updateValue((uptime, bytes), forKey: watcher)
        guard let before, !isLate else { return }
        let pause = uptime - before.uptime
        // Without an interval each turn tells at once.
        guard limits.eventInterval > 0 else { return }
        if pause == 0 || pause <= Self.apart && before.bytes + bytes > limits.maxMessage {
            if before.bytes + bytes <= limits.maxMessage {
                breaches.append("\(watcher) is told in two messages what fits into one")
            }
        } else if pause < limits.eventInterval - Self.latency {
            breaches.append("\(watcher) is told again after \(pause) ms")
        }
    }
}
