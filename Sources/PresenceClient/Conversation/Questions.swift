import Presence

/// The requests that are not answered yet, by number.
///
/// A request or its answer can be lost, with a crash or a connection. All requests are idempotent,
/// so each is sent again until its answer comes or its time is over.
package struct Questions: Sendable {
    /// A request is sent again after so long.
    static let patience: Duration = .seconds(3)

    private struct Question: Sendable {
        let request: Request
        let deadline: ContinuousClock.Instant
        /// When to send it, again or for the first time.
        var sendAt: ContinuousClock.Instant
    }

    private var open: [Int64: Question] = [:]
    private var last: Int64 = 0

    /// Whether nothing is asked.
    var isEmpty: Bool { open.isEmpty }

    /// Notes a request, to be sent at once; returns its number.
    package mutating func ask(
        _ request: Request,
        at now: ContinuousClock.Instant,
        until deadline: ContinuousClock.Instant
    ) -> Int64 {
        last += 1
        open[last] = Question(request: request, deadline: deadline, sendAt: now)
        return last
    }

    /// What is to be sent now, in the order in which it was asked.
    mutating func due(at now: ContinuousClock.Instant) -> [(number: Int64, request: Request)] {
        let numbers = open.filter { $0.value.sendAt <= now }.keys.sorted()
        return numbers.compactMap { number in
            open[number]?.sendAt = now + Self.patience
            return open[number].map { (number, $0.request) }
        }
    }

    /// Everything is to be sent again: whom it was sent to may be no more.
    mutating func repeatAll(at now: ContinuousClock.Instant) {
        for number in open.keys { open[number]?.sendAt = now }
    }

    /// Puts a request off that came too early; returns whether there is time for that.
    ///
    /// - Parameter seconds: By how long, as the bridge has said it: it may be any number.
    mutating func postpone(
        _ number: Int64,
        by seconds: Int64,
        at now: ContinuousClock.Instant
    ) -> Bool {
        let later = now + .seconds(max(1, min(seconds, 86_400)))
        guard let question = open[number], later < question.deadline else { return false }
        open[number]?.sendAt = later
        return true
    }

    /// A request is over: answered, failed, or given up.
    ///
    /// Returns what it was.
    mutating func end(_ number: Int64) -> Request? {
        open.removeValue(forKey: number)?.request
    }

    /// Ends those whose time is over.
    mutating func expire(at now: ContinuousClock.Instant) -> [(number: Int64, request: Request)] {
        let numbers = open.filter { $0.value.deadline <= now }.keys.sorted()
        return numbers.compactMap { number in end(number).map { (number, $0) } }
    }

    /// When something is to be sent.
    package var nextSending: ContinuousClock.Instant? { open.values.map(\.sendAt).min() }

    /// When the first one is given up.
    package var nextExpiry: ContinuousClock.Instant? { open.values.map(\.deadline).min() }
}
