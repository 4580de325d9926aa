import Presence

/// The machine of the readings: what of the broker's retained topics is being read, what for, and
/// what is read after that.
///
/// It knows neither devices nor users beyond their names and numbers.
struct Readings: Sendable {
    /// How many topics are asked for at once that were missing: each costs a subscription.
    static let mostConfirmed = 1_000
    /// How many listed topics are asked for at once.
    ///
    /// A short queue of the broker holds what they say, beside what comes live. After a reading of them that
    /// was cut there are half as many.
    static let mostListed = 400
    static let fewestListed = 25
    /// With how many users known the names are not listed any more.
    ///
    /// A list has 65,535 at most, and the broker begins it with those that are there for longest.
    static let mostKnown = 60_000

    /// How far the bridge is with the broker that it has.
    enum Phase: Hashable {
        case away
        /// The bridge reads what is retained, and tells nobody anything.
        case reading(ReadingID)
        case serving
    }

    /// What a reading is for.
    enum Purpose: Sendable {
        /// Everything, at a connection.
        case connection
        /// All device topics, since some may have been missed.
        case everyDevice
        /// The device topics of some users, by the audit.
        case slice([UserID])
        /// Single topics that were missing from a reading before, asked for so often; others wait
        /// until these are known.
        case confirmation([DeviceRecord.Key], then: ArraySlice<DeviceRecord.Key>, round: Int)
        /// The names of all device topics.
        case names
        /// Single topics that were listed, asked for so often; others wait until these are known.
        case listed([DeviceKey], then: ArraySlice<DeviceKey>, round: Int)
        /// Single topics that were adopted.
        case adopted([String])
    }

    private struct Open {
        let purpose: Purpose
        /// Whether the broker has dropped something of it.
        var isCut = false
    }

    private(set) var phase = Phase.away
    private var open: [ReadingID: Open] = [:]
    /// The reading that this connection began with.
    private(set) var atConnection: ReadingID = 0
    private(set) var last: ReadingID = 0
    /// The reading that the lasting subscription takes part in: what comes may be old.
    private(set) var full: ReadingID?
    /// Whether the broker has dropped messages, some of them perhaps births of users who are not
    /// known, whom the audit does not come by.
    private var isFullDue = false
    /// When everything was read last in the midst of a connection, in milliseconds of uptime.
    private var lastFull: Int64?
    /// Whether everything is to be read once more, after what is being read or listed now.
    private var isAgainDue = false
    private var again = Rereading()
    /// Until when a birth that the broker has dropped may not have been found yet, in milliseconds of
    /// uptime.
    private(set) var missedUntil: Int64 = 0
    /// Whether a connection was read to its end since this process started.
    private(set) var hasReadOnce = false
    private var audit = Audit()
    /// The topics that were listed, and the reading of everything that was cut before that.
    private var listed: [DeviceKey] = []
    private var isListing = false
    private var listedAtOnce = mostListed
    private var cutReading: ReadingID = 0

    // MARK: - Beginning and end

    /// A connection is made; returns the reading that it begins with.
    mutating func connect(at now: Instant) -> ReadingID {
        abandon()
        let id = begin(.connection, at: now)
        phase = .reading(id)
        return id
    }

    mutating func disconnect() {
        phase = .away
        abandon()
        audit.abandon()
    }

    private mutating func abandon() {
        open = [:]
        full = nil
        again = Rereading()
        isAgainDue = false
        (listed, isListing) = ([], false)
    }

    private mutating func begin(_ purpose: Purpose, at now: Instant) -> ReadingID {
        last += 1
        open[last] = Open(purpose: purpose)
        switch purpose {
        case .connection:
            full = last
            again.begin(last, isAtConnection: true, at: now)
            atConnection = last
            isFullDue = false
        case .everyDevice:
            full = last
            isFullDue = false
            again.begin(last, isAtConnection: false, at: now)
            lastFull = now.uptime
        case .names: again.beginListing(last)
        case .slice, .confirmation, .listed, .adopted: break
        }
        return last
    }

    /// Whether everything is being read, or what a reading of it lacked is listed and asked for alone.
    ///
    /// The broker's queue does not hold both: what is asked for alone would be dropped, however often.
    private var isBusyWithAll: Bool { full != nil || again.isListing }

    /// Begins to read everything again, unless it is being read, or what that lacked is; then it is read
    /// once more after that.
    ///
    /// Returns the reading, and what the log says of it.
    mutating func readEverything(at now: Instant) -> (id: ReadingID, words: String?)? {
        guard phase == .serving, !isBusyWithAll else {
            isAgainDue = true
            return nil
        }
        let words =
            again.round == 0
            ? "reading all device topics again: some may have been missed" : nil
        return (begin(.everyDevice, at: now), words)
    }

    /// A reading is over: what it was for, and whether the broker has dropped something of it; `nil`
    /// if it belongs to an earlier connection.
    mutating func end(_ id: ReadingID) -> (purpose: Purpose, isCut: Bool)? {
        if full == id {
            full = nil
            cutReading = id
        }
        return open.removeValue(forKey: id).map { ($0.purpose, $0.isCut) }
    }

    /// What was missing from a reading is asked for alone, so many topics at once; returns that
    /// reading, and what it asks for.
    ///
    /// - Parameters:
    ///   - rest: what is asked for after that.
    ///   - round: how often it has been asked for with that.
    mutating func confirm(
        _ missing: [DeviceRecord.Key],
        then rest: ArraySlice<DeviceRecord.Key>,
        from id: ReadingID,
        round: Int,
        at now: Instant
    ) -> (id: ReadingID, asked: [DeviceRecord.Key]) {
        let asked = Array(missing.prefix(Self.mostConfirmed))
        let later = missing.dropFirst(Self.mostConfirmed) + rest
        let confirmation = begin(.confirmation(asked, then: later, round: round), at: now)
        if phase == .reading(id) { phase = .reading(confirmation) }
        audit.goOn(from: id, to: confirmation)
        again.goOn(from: id, to: confirmation)
        return (confirmation, asked)
    }

    /// Begins to serve if a reading was the last one at a connection; returns whether it was.
    mutating func beginServing(after id: ReadingID) -> Bool {
        guard phase == .reading(id) else { return false }
        phase = .serving
        hasReadOnce = true
        return true
    }

    /// What follows a reading, and what was missing from it, that are over.
    enum Sequel: Hashable {
        case nothing
        /// Everything is read once more, at once.
        case readAgain
        /// Everything is read once more, at a time in milliseconds of uptime.
        case readLater(at: Int64)
        /// The names of all device topics are listed.
        case listNames
    }

    /// What follows a reading that is over.
    ///
    /// - Parameter known: How many users are known.
    mutating func follow(_ id: ReadingID, known: Int, at now: Instant) -> Sequel {
        if case .reading = phase { return .nothing }
        audit.endReading(id)
        let sequel = again.follow(id, isListable: known < Self.mostKnown, at: now)
        if isAgainDue || sequel == .again(after: 0), !isBusyWithAll {
            isAgainDue = false
            return .readAgain
        }
        switch sequel {
        case .nothing: return .nothing
        case .again(let pause): return .readLater(at: now.uptime + pause)
        case .names: return .listNames
        }
    }

    // MARK: - Names

    /// Lists the names of all device topics; returns that reading.
    mutating func listNames(at now: Instant) -> ReadingID {
        (listed, isListing, listedAtOnce) = ([], true, Self.mostListed)
        return begin(.names, at: now)
    }

    /// A device topic is listed.
    mutating func list(_ key: DeviceKey) {
        if isListing { listed.append(key) }
    }

    /// What was listed, and the reading of everything that may have lacked it.
    mutating func takeListed() -> (keys: [DeviceKey], cut: ReadingID) {
        defer { (listed, isListing) = ([], false) }
        return (listed, cutReading)
    }

    /// Topics that were listed are asked for alone, so many at once; returns that reading, and what it
    /// asks for.
    ///
    /// - Parameters:
    ///   - id: the reading before.
    ///   - round: how often the first of them have been asked for with that.
    mutating func ask(
        _ keys: ArraySlice<DeviceKey>,
        then rest: ArraySlice<DeviceKey>,
        from id: ReadingID,
        round: Int,
        at now: Instant
    ) -> (id: ReadingID, asked: [DeviceKey]) {
        if round > 1 { listedAtOnce = max(Self.fewestListed, listedAtOnce / 2) }
        let asked = Array(keys.prefix(listedAtOnce))
        let later = keys.dropFirst(listedAtOnce) + rest
        let reading = begin(.listed(asked, then: later, round: round), at: now)
        again.goOn(from: id, to: reading)
        return (reading, asked)
    }

    /// Whether everything is being read, at a connection or after a stall: what comes until that is over
    /// may have waited behind it.
    var isCatchingUp: Bool { isAgainDue || full != nil }

    // MARK: - Adopted topics

    /// Single topics that were adopted are asked for alone; returns that reading.
    mutating func ask(adopted topics: [String], at now: Instant) -> ReadingID {
        begin(.adopted(topics), at: now)
    }

    // MARK: - What was dropped

    mutating func cut(_ id: ReadingID) {
        open[id]?.isCut = true
        // What was listed is asked for alone until it comes.
        if case .listed? = open[id]?.purpose { return }
        again.cut(id)
    }

    /// What was missing from a reading is found to be there: that reading lacked it.
    mutating func noteLack(_ id: ReadingID) { again.lack(id) }

    /// The broker is proved to send only so many retained messages.
    mutating func limit() { again.limit() }

    /// While everything is read something was found that was not known.
    mutating func findNews() { again.findNews() }

    /// The broker has dropped messages: the audit finds what they said, within its interval.
    mutating func miss(_ limits: Limits, at now: Instant) {
        isFullDue = true
        let latest = now.uptime + limits.auditInterval.milliseconds + Audit.patience
        missedUntil = max(missedUntil, latest)
    }

    /// A statement was dropped that is to be found when everything is read.
    mutating func missStatement() { isFullDue = true }

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
        return isFullDue && lastFull.map { now.uptime - $0 >= pause } ?? true
    }

    /// The users whose topics the audit reads next, of all numbers below an end.
    mutating func auditSlice(of end: UserID, _ limits: Limits, at now: Instant) -> Range<UserID>? {
        guard limits.auditInterval > .zero, !audit.isBusy(at: now), !isBusyWithAll, end > 1
        else { return nil }
        return audit.slice(of: end, interval: limits.auditInterval.milliseconds, at: now)
    }

    /// The audit reads the topics of users; returns the reading.
    mutating func beginSlice(_ users: [UserID], at now: Instant) -> ReadingID {
        let id = begin(.slice(users), at: now)
        audit.begin(id, at: now)
        return id
    }
}
