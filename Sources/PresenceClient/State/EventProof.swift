/// Whether events arrive.
///
/// Many brokers, mosquitto among them, grant a subscription for which the user has no right, and then
/// deliver nothing. So until a connection has brought its first event, the client looks from time to
/// time, and ever more rarely: it asks what has changed. If an answer has a change that an event should
/// have told, and no event comes soon after it, events do not arrive.
package struct EventProof: Sendable {
    /// The first look comes after so long.
    static let soonest: Duration = .seconds(5)
    /// Two looks are never farther apart.
    static let longest: Duration = .seconds(300)
    /// The pause between looks while events do not arrive: then looks bring the changes.
    static let instead: Duration = .seconds(10)
    /// An event that is on its way has so long to come.
    static let grace: Duration = .seconds(3)

    private enum State {
        /// No event has come on this connection: the next look, and the pause before the one after it.
        case open(lookAt: ContinuousClock.Instant, pause: Duration)
        /// A look is under way.
        case looking(pause: Duration)
        /// A look has brought a change that no event has told.
        case doubtful(until: ContinuousClock.Instant)
        /// Events arrive.
        case proven
    }

    private var state = State.proven
    /// Whether it was found that they do not arrive.
    private(set) var isMissing = false

    enum Step: Equatable {
        /// Nothing yet.
        case none
        /// Ask what has changed; then call ``looked(hasNews:at:)``.
        case look
        /// Say that events do not arrive.
        case tell
    }

    /// A new connection: what was proven for the old one need not hold for it.
    mutating func connected(at now: ContinuousClock.Instant) {
        state = .open(lookAt: now + Self.soonest, pause: Self.soonest)
    }

    /// An event has come; returns whether that is news.
    mutating func heard() -> Bool {
        state = .proven
        defer { isMissing = false }
        return isMissing
    }

    mutating func step(at now: ContinuousClock.Instant) -> Step {
        switch state {
        case .open(let lookAt, let pause) where lookAt <= now:
            state = .looking(pause: pause)
            return .look
        case .doubtful(let until) where until <= now:
            defer { isMissing = true }
            state = .open(lookAt: now + Self.instead, pause: Self.instead)
            return isMissing ? .none : .tell
        case .open, .looking, .doubtful, .proven: return .none
        }
    }

    /// A look is over.
    ///
    /// - Parameter hasNews: Whether it brought what an event should have brought.
    mutating func looked(hasNews: Bool, at now: ContinuousClock.Instant) {
        guard case .looking(let pause) = state else { return }
        if hasNews {
            state = .doubtful(until: now + Self.grace)
        } else {
            let next = isMissing ? Self.instead : min(pause * 2, Self.longest)
            state = .open(lookAt: now + next, pause: next)
        }
    }

    var nextStep: ContinuousClock.Instant? {
        switch state {
        case .open(let lookAt, _): lookAt
        case .doubtful(let until): until
        case .looking, .proven: nil
        }
    }
}
