import Presence

/// The requests that are not answered yet, by number.
///
/// A request or its answer can be lost, with a crash or a connection. All requests are idempotent,
/// so each is sent again until its answer comes or its time is over.
package struct PendingRequests: Sendable {
    /// A request is sent again after so long.
    static let resendAfter: Duration = .seconds(3)

    private struct Pending: Sendable {
        let request: Request
        let deadline: ContinuousClock.Instant
        /// When to send it, again or for the first time.
        var sendAt: ContinuousClock.Instant
    }

    private var pending: [Int64: Pending] = [:]
    private var last: Int64 = 0

    var isEmpty: Bool { pending.isEmpty }

    /// Adds a request, to be sent at once; returns its number.
    package mutating func add(
        _ request: Request,
        at now: ContinuousClock.Instant,
        until deadline: ContinuousClock.Instant
    ) -> Int64 {
        last += 1
        pending[last] = Pending(request: request, deadline: deadline, sendAt: now)
        return last
    }

    /// What is to be sent now, in the order in which it was added.
    mutating func due(at now: ContinuousClock.Instant) -> [(number: Int64, request: Request)] {
        let due = requests { $0.sendAt <= now }
        for (number, _) in due { pending[number]?.sendAt = now + Self.resendAfter }
        return due
    }

    /// Everything is to be sent again: whom it was sent to may be no more.
    mutating func resendAll(at now: ContinuousClock.Instant) {
        for number in pending.keys { pending[number]?.sendAt = now }
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
        guard let request = pending[number], later < request.deadline else { return false }
        pending[number]?.sendAt = later
        return true
    }

    /// Ends a request that was answered, failed or given up; returns it, if it was pending.
    mutating func end(_ number: Int64) -> Request? {
        pending.removeValue(forKey: number)?.request
    }

    /// Ends those whose time is over; returns them in the order in which they were added.
    mutating func expire(at now: ContinuousClock.Instant) -> [(number: Int64, request: Request)] {
        let over = requests { $0.deadline <= now }
        for (number, _) in over { pending[number] = nil }
        return over
    }

    private func requests(where isMeant: (Pending) -> Bool) -> [(number: Int64, request: Request)] {
        pending.filter { isMeant($0.value) }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.request) }
    }

    package var nextSending: ContinuousClock.Instant? { pending.values.map(\.sendAt).min() }

    package var nextExpiry: ContinuousClock.Instant? { pending.values.map(\.deadline).min() }
}
