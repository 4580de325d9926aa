import Presence

/// What the client's own device states, and when it has to say it again.
struct OwnDevice {
    /// The word.
    var word: StatusWord
    private let ttl: Int64?
    /// Names the connection, in its statements and in its will.
    private(set) var session = Random.hex(bytes: 8)
    private var restateAt: ContinuousClock.Instant?
    private var keepAt: ContinuousClock.Instant?

    init(_ word: StatusWord, ttl: Duration?) {
        self.word = word
        self.ttl = ttl?.wholeSeconds
    }

    /// What the device topic shall say.
    var statement: Statement { Statement(word, ttl: ttl, session: session) }

    /// What the broker shall say when the connection is lost.
    var will: Statement { Statement(.lost, session: session) }

    /// A connection that is not made yet: what an old one leaves behind does not count for it.
    mutating func beginConnection() {
        session = Random.hex(bytes: 8)
        restateAt = nil
        keepAt = nil
    }

    /// The statement was published.
    mutating func stated(at now: ContinuousClock.Instant) {
        restateAt = nil
        // Three tries within the time that was promised.
        keepAt = ttl.map { now + .seconds($0) / 3 }
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

    /// When to state it again.
    var nextStatement: ContinuousClock.Instant? { [restateAt, keepAt].compactMap(\.self).min() }
}
