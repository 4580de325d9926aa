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
        case .slice, .confirmation, .listed, .adopted, .discoveryMessages: break
        }
        return last
    }

    /// Whether everything is being read, or what a reading of it lacked is listed and asked for alone.
    ///
    /// The broker's queue does not hold both: what is asked for alone would be dropped, however often.
    private var isBusyWithAll: Bool { full != nil || again.isListing }

    /// What the broker is to be asked for, and what the log says of it.
    struct Order {
        let id: ReadingID
        let scope: ReadingScope
        var words: String?
    }

    /// Begins to read everything again, unless it is being read, or what that lacked is; then it is read
    /// once more after that.
    mutating func readEverything(at now: Instant) -> Order? {
        guard phase == .serving, !isBusyWithAll else {
            isAgainDue = true
            return nil
        }
        let words =
            again.round == 0
            ? "reading all device topics again: some may have been missed" : nil
        return Order(id: begin(.everyDevice, at: now), scope: .everyDevice, words: words)
    }

    /// Begins what follows a reading; `nil` where it has to wait.
    mutating func begin(_ next: Next, _ names: Names, at now: Instant) -> Order? {
        switch next {
        case .everything: return readEverything(at: now)
        case .names:
            (listed, isListing, listedAtOnce) = ([], true, Self.mostListed)
            let words = "the broker has dropped some of what is retained: listing the device topics"
            return Order(id: begin(.names, at: now), scope: .names, words: words)
        case .missing(let asking, let id):
            let asked = asking.first(Self.mostConfirmed)
            let confirmation = begin(.confirmation(asked), at: now)
            if phase == .reading(id) { phase = .reading(confirmation) }
            audit.goOn(from: id, to: confirmation)
            again.goOn(from: id, to: confirmation)
            let keys = asked.keys.compactMap { key in
                names.name(of: key.user).map { DeviceKey($0, key.name) }
            }
            return Order(id: confirmation, scope: .devices(keys))
        case .listed(let asking, let id, let words):
            if asking.round > 1 { listedAtOnce = max(Self.fewestListed, listedAtOnce / 2) }
            let asked = asking.first(listedAtOnce)
            let reading = begin(.listed(asked), at: now)
            again.goOn(from: id, to: reading)
            return Order(id: reading, scope: .devices(Array(asked.keys)), words: words)
        }
    }

    // MARK: - What follows

    /// What is read after a reading.
    enum Next: Sendable {
        case everything
        case names
        /// Topics that were missing from a reading, or from one for which they were asked alone.
        case missing(Asking<DeviceRecord.Key>, after: ReadingID)
        /// Topics that were listed and not read, and what the log says of it.
        case listed(Asking<DeviceKey>, after: ReadingID, words: String?)
    }

    /// What follows from the end of a reading.
    enum Outcome: Sendable {
        /// All that is on device topics was found in the midst of a connection, but for what is missing.
        case everyDeviceRead
        /// So was all that is on adopted topics, unless the broker has dropped some of it.
        case everyAdoptedRead(isCut: Bool)
        /// Adopted topics that were asked for alone were found, or are empty, unless the broker has dropped
        /// some of them.
        case adoptedRead([String], isCut: Bool)
        /// So were messages that describe users.
        case discoveryMessagesRead(isCut: Bool)
        /// Topics that were missing are missing where they are asked for alone: they are empty.
        case gone([DeviceRecord.Key])
        /// What a connection begins with is read.
        case serves
        /// Those who have not spoken since the restart of the broker may not have been heard.
        case suspectsUnheard
        case reads(Next)
        /// Everything is read once more, at a time in milliseconds of uptime.
        case readsLater(at: Int64)
    }

    /// A reading is over: returns what follows, in order.
    ///
    /// Nothing follows the end of one that belongs to an earlier connection.
    ///
    /// - Parameter known: How many users are known.
    mutating func end(
        _ id: ReadingID,
        _ topics: some ReadTopics,
        _ names: Names,
        known: Int,
        at now: Instant
    ) -> [Outcome] {
        if full == id {
            full = nil
            cutReading = id
        }
        guard let reading = open.removeValue(forKey: id) else { return [] }
        var (outcomes, next) = ask(after: id, reading, topics, names, at: now)
        if let next { return outcomes + [.reads(next)] }
        switch phase {
        case .reading(id): outcomes.append(.serves)
        case .away, .reading: return outcomes
        case .serving: break
        }
        switch reading.purpose {
        case .adopted, .discoveryMessages: return outcomes
        case .everyDevice: outcomes.append(.suspectsUnheard)
        case .connection, .slice, .confirmation, .names, .listed: break
        }
        if let follower = follow(id, known: known, at: now) { outcomes.append(follower) }
        return outcomes
    }

    /// What a reading shows, and what is asked for alone on account of that.
    private mutating func ask(
        after id: ReadingID,
        _ reading: Open,
        _ topics: some ReadTopics,
        _ names: Names,
        at now: Instant
    ) -> (findings: [Outcome], next: Next?) {
        func alone(_ missing: [DeviceRecord.Key]) -> Next? {
            missing.isEmpty ? nil : .missing(Asking(keys: missing[...]), after: id)
        }
        switch reading.purpose {
        case .connection:
            let isCut = reading.isCut
            return ([.everyAdoptedRead(isCut: isCut)], alone(topics.missing(in: id)))
        case .everyDevice:
            let read = [Outcome.everyDeviceRead, .everyAdoptedRead(isCut: reading.isCut)]
            return (read, alone(topics.missing(in: id)))
        case .slice(let users): return ([], alone(topics.missing(of: users, in: id)))
        case .confirmation(let asked):
            let absent = topics.missing(among: asked.keys, in: id)
            // That reading lacked what is found to be there.
            if absent.count < asked.keys.count { again.lack(id) }
            // A broker that has dropped messages of late may have dropped these, and not the marker.
            let isUnsure = asked.round == 1 && now.uptime < missedUntil && !absent.isEmpty
            guard reading.isCut || isUnsure else {
                return ([.gone(absent)], asked.next(again: []).map { .missing($0, after: id) })
            }
            // What the broker has dropped may be there: it is asked for again. After that it stays as it
            // is known, and the audit comes by.
            let lacking = asked.round < Rereading.most ? absent : []
            return ([], asked.next(again: lacking).map { .missing($0, after: id) })
        case .names:
            defer { (listed, isListing) = ([], false) }
            let lacking = topics.unread(listed, since: cutReading, names)
            guard !lacking.isEmpty else { return ([], nil) }
            let words =
                "\(lacking.count) device topics of \(listed.count) were dropped: asking for each alone"
            return ([], .listed(Asking(keys: lacking[...]), after: id, words: words))
        case .listed(let asked):
            let isAgain = reading.isCut && asked.round < Rereading.most
            let lacking = isAgain ? topics.unread(asked.keys, since: id, names) : []
            let next = asked.next(again: lacking)
            return ([], next.map { .listed($0, after: id, words: nil) })
        case .adopted(let topics): return ([.adoptedRead(topics, isCut: reading.isCut)], nil)
        case .discoveryMessages: return ([.discoveryMessagesRead(isCut: reading.isCut)], nil)
        }
    }

    /// What follows a reading, and what was missing from it, that are over.
    private mutating func follow(_ id: ReadingID, known: Int, at now: Instant) -> Outcome? {
        audit.endReading(id)
        let sequel = again.follow(id, isListable: known < Self.mostKnown, at: now)
        if isAgainDue || sequel == .again(after: 0), !isBusyWithAll {
            isAgainDue = false
            return .reads(.everything)
        }
        switch sequel {
        case .nothing: return nil
        case .again(let pause): return .readsLater(at: now.uptime + pause)
        case .names: return .reads(.names)
        }
    }

    /// What a connection begins with is read: the audit begins a round.
    mutating func beginServing(at now: Instant) {
        phase = .serving
        hasReadOnce = true
        audit.beginRound(at: now)
    }

    /// A device topic is listed.
    mutating func list(_ key: DeviceKey) {
        if isListing { listed.append(key) }
    }

    /// Whether everything is being read, at a connection or after a stall: what comes until that is over
    /// may have waited behind it.
    var isCatchingUp: Bool { isAgainDue || full != nil }

    // MARK: - Adopted topics

    /// Single topics that were adopted are asked for alone; returns that reading.
    mutating func ask(adopted topics: [String], at now: Instant) -> ReadingID {
        begin(.adopted(topics), at: now)
    }

    /// Messages that describe users are read; returns that reading.
    mutating func askForDiscoveryMessages(at now: Instant) -> ReadingID {
        begin(.discoveryMessages, at: now)
    }

    // MARK: - What was dropped

    mutating func cut(_ id: ReadingID) {
        open[id]?.isCut = true
        // What was listed is asked for alone until it comes.
        if case .listed? = open[id]?.purpose { return }
        again.cut(id)
    }

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
