import Presence

/// The machine of the broker: when it started, whether it has restarted, and what it had kept.
struct Broker: Sendable {
    /// How long it may stay open whether the broker has restarted, in milliseconds: by then it
    /// has published its uptime.
    static let uncertainty: Int64 = 15_000

    private(set) var connection: UInt32 = 0
    private var brokerStart = BrokerStart()
    private var witness = Witness()
    /// Rises with every restart.
    private(set) var epoch: Int64 = 1
    /// Whether every device that was online has spoken since, or was given up.
    private(set) var isSettled = true
    /// Whether a restart was found at this connection.
    private(set) var hasRestarted = false
    /// Until when at most it is open whether the broker has restarted, in milliseconds of uptime.
    private var uncertainUntil: Int64?
    /// The second that was told as that of the bridge's last start.
    private var lastStart: Int64 = 0
    /// The second up to which the store knows that time was told.
    private(set) var clockStored: Int64 = 0

    // MARK: - What is stored

    func record(_ clock: SteadyClock, ownTopic: String) -> BrokerRecord {
        BrokerRecord(
            started: brokerStart.started,
            epoch: epoch,
            isSettled: isSettled,
            clock: clock.latest,
            lastStart: lastStart,
            kept: witness.kept,
            mark: witness.provenMark,
            markedTopic: witness.provenMark > 0 ? ownTopic : nil
        )
    }

    mutating func restore(_ record: BrokerRecord, ownTopic: String) {
        brokerStart = BrokerStart(started: record.started)
        epoch = record.epoch
        isSettled = record.isSettled
        clockStored = record.clock
        lastStart = record.lastStart
        witness.restore(record, ownTopic: ownTopic)
    }

    /// The process starts; returns the second to tell as that of its start, later than any before.
    mutating func start(at now: Instant) -> Int64 {
        lastStart = max(now.second, lastStart + 1)
        return lastStart
    }

    /// A second is told that the store must know of; returns whether it does not know it yet.
    mutating func tell(_ second: Int64) -> Bool {
        guard second > clockStored else { return false }
        clockStored = second
        return true
    }

    // MARK: - Restarts

    mutating func connect() {
        connection += 1
        uncertainUntil = nil
        hasRestarted = false
        witness.connect()
        brokerStart.connect()
    }

    /// Time has passed; returns whether the wall clock was set, so that the store must learn of it.
    mutating func follow(_ now: Instant) -> Bool { brokerStart.follow(now) }

    mutating func learn(
        uptime: Int64,
        isRetained: Bool,
        mayBeLate: Bool,
        at now: Instant
    ) -> BrokerStart.Finding {
        brokerStart.learn(
            uptime: uptime,
            isRetained: isRetained,
            mayBeLate: mayBeLate,
            at: now
        )
    }

    /// It is open whether the broker has restarted: its next uptime tells.
    ///
    /// Returns until when at most, in milliseconds of uptime.
    mutating func awaitUptime(at now: Instant) -> Int64 {
        let until = now.uptime + Self.uncertainty
        uncertainUntil = until
        return until
    }

    /// Whether an uptime is still to come, of a broker that has told one before.
    var awaitsFirstUptime: Bool { brokerStart.started != nil && !brokerStart.hasHeard }

    /// Whether it has been open for too long whether the broker has restarted.
    func isOverdue(at now: Instant) -> Bool { uncertainUntil.map { $0 <= now.uptime } ?? false }

    /// Whether it is known whether the broker has restarted.
    var isCertain: Bool { uncertainUntil == nil }
    mutating func becomeCertain() { uncertainUntil = nil }

    mutating func restart() {
        witness.conclude(isSettled: isSettled)
        epoch += 1
        isSettled = false
        hasRestarted = true
    }

    /// What the log says of a restart.
    ///
    /// - Parameter suspects: how many devices must announce themselves.
    func restartWords(suspects: Int, _ limits: Limits) -> String {
        let grace = "\(limits.brokerRestartGrace.milliseconds / 1_000) s to announce"
        let waiting =
            switch suspects {
            case 0: "no device has to announce itself"
            case 1: "1 device has \(grace) itself"
            default: "\(suspects) devices have \(grace) themselves"
            }
        return "the broker has restarted and kept \(kept.words): epoch \(epoch), \(waiting)"
    }

    /// The devices have come back after the restart, or were given up.
    mutating func settle() { isSettled = true }

    // MARK: - The bridge's own state

    /// What the broker had kept when it was last restarted.
    var kept: KeptCopy { witness.kept }

    /// What is retained of the bridge's own state was found.
    mutating func findState(_ payload: [UInt8], by connection: String?) {
        witness.findState(payload, by: connection)
    }

    /// A retained status was found.
    mutating func findStatus() { witness.findStatus() }

    /// The mark beside the bridge's state was found, or came back; returns whether the store must
    /// learn of it.
    mutating func hear(mark: Int64, by connection: String?, isRetained: Bool) -> Bool {
        witness.hear(mark: mark, by: connection, isRetained: isRetained)
    }

    /// The mark to leave at this connection; `nil` if one was left.
    mutating func takeMark(at now: Instant) -> Int64? { witness.takeMark(at: now) }
}
