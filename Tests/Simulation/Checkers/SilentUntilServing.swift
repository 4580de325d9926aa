import PresenceCore

/// A bridge that has just connected tells nobody anything until it has read everything.
///
/// Then come the statuses that differ and their events, and right behind them its own `online`; an
/// answer comes only after that. What was on its way when the connection ended may still arrive.
/// It says `online` once, and again only with another epoch.
package struct SilentUntilServing: Checker {
    package static let rule = "nothing is published between a connection and its online"

    /// How long something may be on its way, in milliseconds.
    private static let latency: Int64 = 60
    /// How long what a connection begins with may take to arrive, in milliseconds.
    private static let burst: Int64 = 1_000

    private var silentSince: Int64?
    /// What may be the beginning of what comes before `online`.
    private var early: (what: String, uptime: Int64)?
    /// The epoch with which it has said `online`.
    private var epoch: Int64?

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        if let early, entry.time.uptime - early.uptime > Self.burst {
            self.early = nil
            breaches.append("\(early.what), and the bridge did not serve")
        }
        switch entry.event {
        case .bridgeCutOff, .bridgeEnded:
            silentSince = entry.time.uptime
            early = nil
            epoch = nil
        case .bridgeServes(let epoch):
            if self.epoch == epoch { breaches.append("the bridge says online twice") }
            // One that was on its way when the connection ended is not the next connection's.
            let isLate = silentSince.map { entry.time.uptime - $0 <= Self.latency } ?? false
            self.epoch = isLate ? nil : epoch
            silentSince = nil
            early = nil
        // What a connection holds back on which nothing passes comes when it comes, and so does what a
        // bridge holds back that stands still.
        case .fault(.bridgePartitioned), .fault(.bridgePaused), .fault(.messagesDropped):
            early = nil
        case .status(let user, _): note("the status of \(user) was written", entry.time)
        case .told(let watcher, _, _): note("\(watcher) was told something", entry.time)
        case .answered(let answer) where answer.tag != nil:
            guard let silentSince, entry.time.uptime - silentSince > Self.latency else { return }
            breaches.append("\(answer.user) is answered \(answer.operation) by one who is away")
        default: break
        }
    }

    private mutating func note(_ what: @autoclosure () -> String, _ time: Instant) {
        guard let silentSince, early == nil, time.uptime - silentSince > Self.latency else {
            return
        }
        early = (what(), time.uptime)
    }
}
