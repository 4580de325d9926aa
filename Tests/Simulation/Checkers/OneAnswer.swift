import PresenceCore

/// Each request that reaches the bridge is answered once, and nothing else is.
///
/// Each copy of a request counts. Permitted is silence where the bridge ended or lost its connection
/// afterwards, or did not serve yet; and, with rates so low that requests are dropped, within a
/// second or so of a `rate_limited` that went to the same user. What the bridge says unasked, about
/// device topics, has no tag.
package struct OneAnswer: Checker {
    package static let rule = "every request has one answer"

    /// How far from a refusal by the rate a request may be dropped, in milliseconds.
    private static let refusal: Int64 = 1_500
    /// How old a request must be to be missed at a rest, in milliseconds.
    private static let patience: Int64 = 2_000

    private struct Asked {
        var request: RequestSeen
        var uptime: Int64
        var mayBeDropped: Bool
    }

    private let dropsRequests: Bool
    private var open: [String: [Asked]] = [:]
    private var refused: [String: [Int64]] = [:]
    private var isServing = false
    /// Since when the bridge may have been slow: then a refusal can come late.
    private var stalled: Int64?

    package init(_ limits: CheckedLimits) { dropsRequests = limits.dropsRequests }

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch entry.event {
        case .asked(let request):
            let asked = Asked(
                request: request,
                uptime: entry.time.uptime,
                mayBeDropped: !isServing
            )
            open[request.user, default: []].append(asked)
        case .answered(let answer): close(answer, at: entry.time.uptime, &breaches)
        case .bridgeStarted: isServing = false
        case .bridgeEnded, .bridgeCutOff: interrupt()
        case .bridgeServes:
            // No answer of the connection before is on its way any more.
            if !isServing { forget { $0.mayBeDropped && entry.time.uptime - $0.uptime > 60 } }
            isServing = true
        case .fault(.bridgePaused), .fault(.bridgePartitioned):
            stalled = stalled ?? entry.time.uptime
        case .rest: miss(at: entry.time.uptime, &breaches)
        default: break
        }
    }

    private mutating func interrupt() {
        isServing = false
        for user in open.keys {
            for index in open[user, default: []].indices {
                open[user]?[index].mayBeDropped = true
            }
        }
    }

    private mutating func forget(where isOver: (Asked) -> Bool) {
        for user in open.keys {
            open[user]?.removeAll(where: isOver)
            if open[user]?.isEmpty == true { open[user] = nil }
        }
    }

    private mutating func close(
        _ answer: AnswerSeen,
        at uptime: Int64,
        _ breaches: inout [String]
    ) {
        if answer.code == "rate_limited" { refused[answer.user, default: []].append(uptime) }
        let isUnasked = answer.operation == "device" || answer.operation == "announce"
        // A refusal by the rate need not have been able to read what it refuses.
        if answer.tag == nil, isUnasked || answer.code == "rate_limited" { return }
        // One to which nothing is due is taken only where there is no other.
        let places = (open[answer.user] ?? []).indices.filter { index in
            guard let request = open[answer.user]?[index].request else { return false }
            return (answer.tag == nil || request.tag == answer.tag)
                && request.device == answer.device && request.operation == answer.operation
        }
        // Of two copies the earlier one may have been dropped by the rate.
        let due = places.last { open[answer.user]?[$0].mayBeDropped == false }
        guard let place = due ?? places.last else {
            let tag = answer.tag.map { " " + $0 } ?? ""
            breaches.append("\(answer.user) is answered \(answer.operation)\(tag) unasked")
            return
        }
        open[answer.user]?.remove(at: place)
    }

    private mutating func miss(at uptime: Int64, _ breaches: inout [String]) {
        forget { $0.mayBeDropped }
        for user in open.keys.sorted() {
            for asked in open[user, default: []] where uptime - asked.uptime > Self.patience {
                if dropsRequests, isRefused(user, at: asked.uptime) { continue }
                breaches.append(
                    "\(user) has no answer to \(asked.request.operation) \(asked.request.tag)"
                )
            }
        }
        forget { uptime - $0.uptime > Self.patience }
        refused = [:]
        stalled = nil
    }

    private func isRefused(_ user: String, at uptime: Int64) -> Bool {
        let isSlow = stalled.map { $0 <= uptime + Self.refusal } ?? false
        let last = isSlow ? Int64.max : uptime + Self.refusal
        return refused[user]?.contains { $0 >= uptime - Self.refusal && $0 <= last } ?? false
    }
}
