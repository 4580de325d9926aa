import Presence

/// What the client's own device states, and when it has to say it again.
package struct OwnDevice: Sendable {
    /// How long the device rests before it states again what another client has taken back, so that
    /// two clients that do so by mistake do not keep each other busy.
    static let rest: Duration = .seconds(5)

    var word: StatusWord {
        didSet { if word != oldValue { sight = .unseen } }
    }
    private let ttl: Int64?
    /// Names the connection, in its statements and in its will.
    private(set) var session = String.randomHexadecimal(bytes: 8)
    private var restateAt: ContinuousClock.Instant?
    private var keepAt: ContinuousClock.Instant?
    private var statedAt: ContinuousClock.Instant?
    private var sight = Sight.unseen
    private var lastSeq: Int64 = 0

    /// What others have seen of the device since it has this word and this connection.
    private enum Sight: Equatable {
        /// Not this word yet: what is seen may be older.
        case unseen
        case seen
        /// Another word, which another client of the same name has stated.
        case replaced(StatusWord)
    }

    /// What the user's status says about the device.
    enum Finding: Equatable {
        /// Nothing that another client has stated.
        case asStated
        /// Another client's word stands there.
        case replaced(StatusWord)
        /// Another client has logged the device out, or left it lost; it will be stated again.
        case loggedOut
    }

    init(_ word: StatusWord, ttl: Duration?) {
        self.word = word
        self.ttl = ttl?.wholeSeconds
    }

    /// What the device topic shall say.
    ///
    /// A device that has logged out promises nothing.
    var statement: Statement {
        Statement(word, ttl: word == .offline ? nil : ttl, session: session)
    }

    /// What the broker shall say when the connection is lost.
    var will: Statement { Statement(.lost, session: session) }

    /// A connection that is not made yet: what an old one leaves behind does not count for it.
    mutating func beginConnection() {
        session = String.randomHexadecimal(bytes: 8)
        restateAt = nil
        keepAt = nil
        sight = .unseen
    }

    mutating func stated(at now: ContinuousClock.Instant) {
        restateAt = nil
        statedAt = now
        // Three tries within the time that was promised.
        keepAt = statement.ttl.map { now + .seconds($0) / 3 }
    }

    /// The broker was restarted: all devices speak again, but not all at the same moment.
    mutating func brokerRestarted(
        grace: Int64,
        at now: ContinuousClock.Instant,
        using random: inout some RandomNumberGenerator
    ) {
        let longest = max(0, min(grace, 86_400)) * 1_000 / 3
        let delay = Duration.milliseconds(Int64.random(in: 0...longest, using: &random))
        restateAt = min(restateAt ?? now + delay, now + delay)
    }

    /// Compares the user's status with what the device has stated.
    mutating func hear(
        _ status: UserStatus,
        of name: Name,
        at now: ContinuousClock.Instant
    ) -> Finding {
        guard status.seq > lastSeq else { return .asStated }
        lastSeq = status.seq
        guard word.isOnline else { return .asStated }
        let seen = status.devices.first { $0.name == name }?.status
        if seen == word {
            sight = .seen
            return .asStated
        }
        // An older status may come before the one with the device's word in it.
        guard sight != .unseen else { return .asStated }
        guard let seen else {
            sight = .unseen
            restateAt = max(now, (statedAt ?? now) + Self.rest)
            return isLate(at: now) ? .asStated : .loggedOut
        }
        guard sight != .replaced(seen) else { return .asStated }
        sight = .replaced(seen)
        return .replaced(seen)
    }

    /// Whether the promise was broken, as by a machine that slept: then the device is lost by that.
    private func isLate(at now: ContinuousClock.Instant) -> Bool {
        guard let ttl, let statedAt else { return false }
        return statedAt + .seconds(ttl) <= now
    }

    /// Whether another client's word stands in the place of this one's, which it keeps alive.
    var isReplaced: Bool { if case .replaced = sight { true } else { false } }

    package var nextStatement: ContinuousClock.Instant? {
        isReplaced ? nil : [restateAt, keepAt].compactMap(\.self).min()
    }
}
