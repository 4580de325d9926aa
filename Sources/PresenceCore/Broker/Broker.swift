import Presence

/// The machine of the broker: whether it is there, whether it has restarted, and what of its retained
/// topics has been read.
///
/// It knows neither devices nor users; ``Evidence`` is what it says of itself.
struct Broker: Sendable {
    /// How long it may stay open whether the broker has restarted, in milliseconds: by then it
    /// has published its uptime.
    static let uncertainty: Int64 = 15_000

    /// How many topics are asked for at once that were missing: each costs a subscription.
    static let mostConfirmed = 1_000

    /// What a bridge is doing with the broker that it has.
    enum Phase: Hashable {
        /// There is none.
        case away
        /// It reads what is retained, and tells nobody anything.
        case reading(ReadingID)
        /// It serves.
        case serving
    }

    private(set) var phase = Phase.away
    private var connection: UInt32 = 0
    private var watch = BrokerWatch()
    private var witness = Witness()
    private var readings = Readings()
    private var audit = Audit()
    /// Rises with every restart.
    private(set) var epoch: Int64 = 1
    /// Whether every device that was online has spoken since, or was given up.
    private var isSettled = true
    /// Whether a restart was found at this connection.
    private(set) var hasRestarted = false
    /// Until when at most it is open whether the broker has restarted, in milliseconds of uptime.
    private var uncertainUntil: Int64?
    /// The second that was told as that of the bridge's last start.
    private var lastStart: Int64 = 0
    /// The second up to which the store knows that time was told.
    private var clockStored: Int64 = 0

    // MARK: - What is asked

    /// What is known of the broker, for whoever hears what is on device topics.
    ///
    /// - Parameter clock: the seconds that were told.
    func evidence(_ clock: SteadyClock, at now: Instant) -> Evidence {
        Evidence(
            now: now,
            second: max(clock.latest, now.second),
            epoch: epoch,
            isSettled: isSettled,
            kept: witness.kept,
            connection: connection,
            full: readings.full,
            lastReading: readings.last,
            connectionReading: readings.atConnection,
            missedUntil: readings.missedUntil,
            hasReadOnce: readings.hasReadOnce,
            isUncertain: uncertainUntil != nil
        )
    }

    /// Whether a connection was read to its end since this process started.
    var hasReadOnce: Bool { readings.hasReadOnce }

    /// What is stored of the broker.
    func record(_ clock: SteadyClock, ownTopic: String) -> BrokerRecord {
        BrokerRecord(
            started: watch.started,
            epoch: epoch,
            isSettled: isSettled,
            clock: clock.latest,
            lastStart: lastStart,
            kept: witness.kept,
            mark: witness.provenMark,
            markedTopic: witness.provenMark > 0 ? ownTopic : nil
        )
    }

    // MARK: - Beginning and end

    /// Puts back what a store holds of the broker.
    mutating func restore(_ record: BrokerRecord, ownTopic: String) {
        watch = BrokerWatch(started: record.started)
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

    /// A connection is made; returns the reading that it begins with.
    mutating func connect(at now: Instant) -> ReadingID {
        connection += 1
        uncertainUntil = nil
        hasRestarted = false
        witness.connect()
        watch.connect()
        readings.abandon()
        let id = readings.begin(.connection, at: now)
        phase = .reading(id)
        return id
    }

    /// The connection is gone.
    mutating func disconnect() {
        phase = .away
        readings.abandon()
        audit.abandon()
    }

    // MARK: - Restarts

    /// The broker's uptime came, in seconds.
    mutating func learn(uptime: Int64, isRetained: Bool, at now: Instant) -> BrokerWatch.Finding {
        guard phase != .away else { return .same }
        return watch.learn(uptime: uptime, isRetained: isRetained, unixSecond: now.second)
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
    var awaitsFirstUptime: Bool { watch.started != nil && !watch.hasHeard }

    /// Whether it has been open for too long whether the broker has restarted.
    func isOverdue(at now: Instant) -> Bool { uncertainUntil.map { $0 <= now.uptime } ?? false }

    /// Whether it is known whether the broker has restarted.
    var isCertain: Bool { uncertainUntil == nil }

    /// It is known whether the broker has restarted.
    mutating func becomeCertain() { uncertainUntil = nil }

    /// The broker has restarted.
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
        return "the broker has restarted and kept \(witness.kept.words): epoch \(epoch), \(waiting)"
    }

    /// The devices have come back after the restart, or were given up.
    mutating func settle() { isSettled = true }

    // MARK: - The bridge's own state

    /// What is retained of the bridge's own state was found.
    mutating func findState(_ payload: [UInt8]) { witness.findState(payload) }

    /// The mark beside the bridge's state was found, or came back; returns whether the store must
    /// learn of it.
    mutating func hear(mark: Int64, isRetained: Bool) -> Bool {
        witness.hear(mark: mark, isRetained: isRetained)
    }

    /// The mark to leave at this connection; `nil` if one was left.
    mutating func takeMark(at now: Instant) -> Int64? { witness.takeMark(at: now) }

    // MARK: - Readings

    /// The broker has dropped something of a reading.
    mutating func cut(_ id: ReadingID) { readings.cut(id) }

    /// The broker is proved to send only so many retained messages.
    mutating func limitReadings() { readings.again.limit() }

    /// The broker has dropped messages.
    mutating func miss(_ limits: Limits, at now: Instant) { readings.miss(limits, at: now) }

    /// A statement was dropped that is to be found when everything is read.
    mutating func missStatement() { readings.isFullDue = true }

    /// While everything is read something was found that was not known.
    mutating func findNews() { readings.again.findNews() }

    /// Begins to read everything again, unless it is being read; then it is read once more after
    /// that.
    ///
    /// Returns the reading, and what the log says of it.
    mutating func readEverything(at now: Instant) -> (id: ReadingID, words: String?)? {
        guard phase == .serving, readings.full == nil else {
            readings.isAgainDue = true
            return nil
        }
        let words =
            readings.again.round == 0
            ? "reading all device topics again: some may have been missed" : nil
        return (readings.begin(.everyDevice, at: now), words)
    }

    /// A reading is over: what it was for, and whether the broker has dropped something of it; `nil`
    /// if it belongs to an earlier connection.
    mutating func endReading(_ id: ReadingID) -> (purpose: Readings.Purpose, isCut: Bool)? {
        readings.end(id)
    }

    /// What was missing from a reading is found to be there: that reading lacked it.
    mutating func noteLack(_ id: ReadingID) { readings.again.lack(id) }

    /// What was missing from a reading is asked for alone, so many topics at once; returns that
    /// reading, and what it asks for.
    ///
    /// - Parameters:
    ///   - rest: what is asked for after that.
    ///   - round: how often it has been asked for with that.
    mutating func confirm(
        _ missing: [DeviceEntry],
        then rest: ArraySlice<DeviceEntry>,
        from id: ReadingID,
        round: Int,
        at now: Instant
    ) -> (id: ReadingID, asked: [DeviceEntry]) {
        let asked = Array(missing.prefix(Self.mostConfirmed))
        let later = missing.dropFirst(Self.mostConfirmed) + rest
        let confirmation = readings.begin(
            .confirmation(asked, then: later, round: round),
            at: now
        )
        if phase == .reading(id) { phase = .reading(confirmation) }
        audit.goOn(from: id, to: confirmation)
        readings.again.goOn(from: id, to: confirmation)
        return (confirmation, asked)
    }

    /// Begins to serve if a reading was the last one at a connection; returns whether it was.
    mutating func beginServing(after id: ReadingID) -> Bool {
        guard phase == .reading(id) else { return false }
        phase = .serving
        readings.hasReadOnce = true
        return true
    }

    /// What follows a reading, and what was missing from it, that are over.
    enum Sequel: Hashable {
        case nothing
        /// Everything is read once more, at once.
        case readAgain
        /// Everything is read once more, at a time in milliseconds of uptime.
        case readLater(at: Int64)
    }

    /// What follows a reading that is over.
    mutating func follow(_ id: ReadingID, at now: Instant) -> Sequel {
        if case .reading = phase { return .nothing }
        audit.endReading(id)
        let pause = readings.again.pause(after: id, at: now)
        if readings.isAgainDue || pause == 0, readings.full == nil {
            readings.isAgainDue = false
            return .readAgain
        }
        return pause.map { .readLater(at: now.uptime + $0) } ?? .nothing
    }

    // MARK: - Audit

    /// Everything was just read: the audit begins a round.
    mutating func beginAudit(at now: Instant) { audit.beginRound(at: now) }

    /// When the audit's alarm is to go off, in milliseconds of uptime; `nil` if it is set, or there
    /// is no audit.
    mutating func scheduleAudit(_ limits: Limits, at now: Instant) -> Int64? {
        guard limits.auditInterval > .zero, !audit.isScheduled else { return nil }
        audit.isScheduled = true
        return now.uptime + min(Audit.pace, limits.auditInterval.milliseconds)
    }

    /// The audit's alarm went off: it is to be set again.
    mutating func passAuditAlarm() { audit.isScheduled = false }

    /// Whether something was dropped that only a reading of everything finds, and it may be made.
    func isFullReadingDue(_ limits: Limits, at now: Instant) -> Bool {
        let pause = Audit.fullAfter * limits.auditInterval.milliseconds
        return readings.isFullDue && readings.lastFull.map { now.uptime - $0 >= pause } ?? true
    }

    /// The users whose topics the audit reads next, of all numbers below an end.
    mutating func auditSlice(of end: UserID, _ limits: Limits, at now: Instant) -> Range<UserID>? {
        guard limits.auditInterval > .zero, !audit.isBusy(at: now), readings.full == nil, end > 1
        else { return nil }
        return audit.slice(of: end, interval: limits.auditInterval.milliseconds, at: now)
    }

    /// The audit reads the topics of users; returns the reading.
    mutating func beginSlice(_ users: [UserID], at now: Instant) -> ReadingID {
        let id = readings.begin(.slice(users), at: now)
        audit.begin(id, at: now)
        return id
    }
}
