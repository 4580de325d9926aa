import PresenceCore

/// Each change of a user is told to whoever is subscribed for certain, or a newer one is.
///
/// It is told before the retained status is written or collected for the interval, in any case
/// before the next rest, and before the end of the subscription is told. Permitted is silence
/// where the bridge ended or lost its connection in between, for an event can be lost with it, and
/// of what is written at a connection that showed a restart of the broker: the risen epoch tells
/// watchers to ask.
package struct EveryChangeTold: Checker {
    package static let rule = "every change is told to whoever is subscribed"

    /// How much longer a subscription must last to count for certain, in milliseconds.
    private static let margin: Int64 = 1_000
    /// How much the ways of two messages to the broker may differ, in milliseconds.
    private static let latency: Int64 = 200
    /// How old a change must be to be missed at a rest, in milliseconds.
    private static let patience: Int64 = 3_000

    private struct Debt {
        var seq: Int64
        var uptime: Int64
    }

    private var book: SubscriptionBook
    private let forgetAfter: Int64
    private let interval: Int64
    /// When each watcher was told something last.
    private var lastTold: [String: Int64] = [:]
    /// Whether messages may have been held back.
    private var isLate = false
    /// The newest that was retained of each user.
    private var retained: [String: Int64] = [:]
    /// When each user who is offline was updated, in Unix seconds.
    private var left: [String: Int64] = [:]
    /// The newest that each watcher was told of each user.
    private var told: [String: [String: Int64]] = [:]
    /// What is still to be told to each watcher of each user.
    private var debts: [String: [String: Debt]] = [:]
    /// Whether the bridge has served since its connection began.
    private var isServing = false
    /// Since when; what it told before that may not have arrived.
    private var served: Int64 = 0
    /// When it ended or was cut off last; what was collected is lost, and statuses may still arrive.
    private var ended: Int64 = 0
    private var epoch: Int64 = 0

    package init(_ limits: CheckedLimits) {
        book = SubscriptionBook(limits)
        forgetAfter = limits.forgetAfter
        interval = limits.eventInterval
    }

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        book.read(entry)
        switch entry.event {
        case .told(let watcher, let tellings, _):
            note(watcher, tellings, at: entry.time.unix, &breaches)
            lastTold[watcher] = entry.time.uptime
        case .status(let user, let status): note(user, status, at: entry.time, &breaches)
        case .asked(let request) where request.operation == "unsubscribe":
            // What is collected is not told any more once this is carried out.
            forgive(request.user, at: entry.time)
        case .answered(let answer) where answer.operation == "unsubscribe":
            forgive(answer.user, at: entry.time)
        case .bridgeEnded, .bridgeCutOff:
            debts = [:]
            isServing = false
            ended = entry.time.uptime
        case .bridgeServes(let epoch):
            // At a connection that showed a restart of the broker nothing is told.
            if !isServing, epoch > self.epoch { debts = [:] }
            self.epoch = epoch
            if !isServing { served = entry.time.uptime }
            isServing = true
            isLate = false
        case .fault(.bridgePartitioned): isLate = true
        case .rest(let rest):
            collect(at: entry.time.uptime, &breaches)
            book.giveUp()
            book.settle(rest.subscriptions)
        default: break
        }
    }

    private mutating func note(
        _ watcher: String,
        _ tellings: [EventSeen],
        at unix: Int64,
        _ breaches: inout [String]
    ) {
        for telling in tellings {
            switch telling {
            case .status(let status):
                told[watcher, default: [:]][status.username] = status.seq
                if let debt = debts[watcher]?[status.username], debt.seq <= status.seq {
                    debts[watcher]?[status.username] = nil
                }
            case .ended(let user?, _):
                book.end(watcher, user)
                guard let debt = debts[watcher]?[user],
                    !book.mayHold(watcher, user, at: .min)
                else { continue }
                debts[watcher]?[user] = nil
                // Of one who is forgotten in the same turn there is nothing to tell.
                if mayBeForgotten(user, at: unix) { continue }
                breaches.append(
                    "\(watcher) is told that its subscription to \(user) has ended, and not "
                        + "before of \(user) with seq \(debt.seq)"
                )
            case .ended(nil, _):
                book.end(watcher, nil)
                for user in debts[watcher, default: [:]].keys
                where !book.mayHold(watcher, user, at: .min) {
                    debts[watcher]?[user] = nil
                }
            }
        }
    }

    private mutating func note(
        _ user: String,
        _ status: StatusSeen?,
        at time: Instant,
        _ breaches: inout [String]
    ) {
        guard let status else {
            retained[user] = nil
            left[user] = nil
            for watcher in told.keys { told[watcher]?[user] = nil }
            for watcher in debts.keys { debts[watcher]?[user] = nil }
            return
        }
        left[user] = status.online ? nil : status.updated
        guard status.seq > retained[user] ?? 0 else { return }
        retained[user] = status.seq
        guard isServing || time.uptime - ended > Self.latency else { return }
        for (watcher, held) in book.states
        where (held[user] != nil || held[SubscriptionWish.everyone] != nil)
            && (told[watcher]?[user] ?? 0) < status.seq
            && book.holds(watcher, user, at: time.unix + Self.margin)
        {
            // Of a watcher that was never told anything it is not known since when it listens.
            let pause = lastTold[watcher].map { time.uptime - $0 } ?? 0
            guard isServing, !isLate, min(pause, time.uptime - served) > interval + Self.latency
            else {
                debts[watcher, default: [:]][user] = Debt(seq: status.seq, uptime: time.uptime)
                continue
            }
            breaches.append(
                "\(user) is retained with seq \(status.seq) before \(watcher) is told of it"
            )
        }
    }

    private func mayBeForgotten(_ user: String, at unix: Int64) -> Bool {
        guard forgetAfter > 0, let updated = left[user] else { return false }
        return (updated + forgetAfter) * 1_000 <= unix
    }

    /// A watcher has unsubscribed: what was collected is not told any more.
    private mutating func forgive(_ watcher: String, at time: Instant) {
        guard let owed = debts[watcher] else { return }
        for user in owed.keys where !book.holds(watcher, user, at: time.unix) {
            debts[watcher]?[user] = nil
        }
    }

    private mutating func collect(at uptime: Int64, _ breaches: inout [String]) {
        for watcher in debts.keys.sorted() {
            for (user, debt) in debts[watcher, default: [:]].sorted(by: { $0.key < $1.key })
            where uptime - debt.uptime > Self.patience {
                debts[watcher]?[user] = nil
                breaches.append("\(watcher) was never told of \(user) with seq \(debt.seq)")
            }
        }
    }
}
