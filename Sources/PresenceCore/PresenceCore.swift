import Presence

/// Everything that is decided about presence, as a value: an input and the time go in, what must
/// be done comes out.
///
/// A turn is any number of facts, then ``Input/turnEnded``, whose ``Effect/save(_:)`` effects are
/// stored together, then ``Input/saved`` or ``Input/saveFailed(_:)``, whose effects are published
/// in their order.
///
/// It is a parent of machines, each with private state, which know neither it nor one another: it
/// passes on what comes in, gives each what it needs of the others, and carries what one says to
/// those whom it concerns.
public struct PresenceCore: Sendable {
    var settings: Settings
    var names = Names()
    var devices: Devices
    var users = Users()
    var broker = Broker()
    var watching = Watching()
    var unsaved = UnsavedRows()
    var requests = Requests()
    var clock = SteadyClock()
    var alarms = Alarms()
    var calendar = Alarms()
    var counts = Figures()
    var turn = Turn()

    /// A core that knows nobody.
    ///
    /// - Parameters:
    ///   - topics: where answers may go.
    ///   - bridgeID: how the bridge marks what it writes to device topics.
    public init(limits: Limits, topics: Topics = Topics(), bridgeID: String = "presence-bridge") {
        settings = Settings(topics: topics, bridgeID: bridgeID, limits: limits)
        devices = Devices(settings, broker.evidence(clock, at: Instant(uptime: 0, unix: 0)))
    }

    // MARK: - What is asked

    /// What has been counted, and how much there is now.
    public var figures: Figures {
        var figures = counts
        figures.usersOnline = users.online.count
        figures.usersKnown = users.knownCount
        figures.devicesOnline = users.onlineDevices
        figures.subscriptions = watching.count
        return figures
    }

    /// How many names are held, of users who are known, watch, or are watched.
    package var namesHeld: Int { names.count }

    /// The limits that hold.
    var limits: Limits { settings.limits }

    /// How long nothing needs to happen unless something comes in; `nil` for ever.
    public func idleTime(at now: Instant) -> Duration? {
        guard broker.phase == .serving else { return nil }
        if watching.isBusy || unsaved.isBusy { return .zero }
        let waits = [
            alarms.next.map { $0 - now.uptime }, calendar.next.map { $0 - now.unix },
        ]
        return waits.compactMap { $0 }.min().map { .milliseconds(max(0, $0)) }
    }

    /// The latest Unix second that was told before, as far as the store knows; 0 when none was.
    public var latestSecond: Int64 { clock.latest }

    // MARK: - Restoring

    /// Takes in what a store replays, before any other input.
    ///
    /// The broker comes first, then users, then devices, then subscriptions; it ends with
    /// ``endRestoring()``.
    public mutating func restore(_ change: Change) {
        switch change {
        case .putBroker(let record):
            broker.restore(record, ownTopic: settings.ownTopic)
            clock.learn(record.clock)
        case .putUser(let record):
            names.restore(record.name, as: record.id)
            unsaved.restore(record.id)
            users.restore(record, limits)
            clock.learn(record.updated)
            clock.learn(record.since)
            followUsers()
        case .putDevice(let record):
            // A verdict may tell it yet.
            clock.learn(record.heard)
            devices.restore(record)
            users.restore(record)
        case .putSubscription(let record): watching.restore(record)
        case .removeUser, .removeDevice, .removeSubscription:
            preconditionFailure("a store replays itself as puts, not as \(change)")
        }
    }

    /// Everything is restored.
    public mutating func endRestoring() {
        names.endRestoring()
        watching.endRestoring(&calendar)
        // Names that were dropped, whose rows a kill has left behind.
        for id in 1..<names.end where names.name(of: id) != nil && !isNeeded(id) {
            names.release(id)
        }
    }

    /// The Unix second to tell as that of the bridge's start.
    ///
    /// It is stored and later than that of the start before, so that watchers can tell two starts
    /// apart that are within one second.
    public mutating func start(at now: Instant) -> Int64 {
        unsaved.noteBroker()
        return broker.start(at: now)
    }

    // MARK: - Inputs

    /// Decides what follows from an input.
    public mutating func handle(_ input: Input, at now: Instant, into effects: inout [Effect]) {
        // After a stall everything is read first: what came due meanwhile may be about old words.
        if broker.phase == .serving, input != .readingStalled {
            passAlarms(at: now, into: &effects)
        }
        switch input {
        case .brokerFound: connect(at: now, into: &effects)
        case .brokerLost: disconnect()
        case .packetsLimited(let limit): settings.packets = limit
        case .answerRefused(let reply): replaceAnswer(reply)
        case .uptimeReported(let uptime, let isRetained):
            learn(uptime: uptime, isRetained: isRetained, at: now, into: &effects)
        case .ownStateFound(let payload): broker.findState(payload)
        case .markReported(let mark, let isRetained):
            if broker.hear(mark: mark, isRetained: isRetained) { unsaved.noteBroker() }
        case .statedSinceStart(let devices): believe(devices, at: now, into: &effects)
        case .deviceReported(let report): receive(report, at: now, into: &effects)
        case .statusFound(let user, let payload): find(payload, of: user, at: now, into: &effects)
        case .misnamedFound(let topic):
            devices.clearMisnamed(topic, evidence(at: now))
            followDevices(into: &effects)
        case .readingCut(let id): broker.cut(id)
        case .readingsLimited: broker.limitReadings()
        case .readingEnded(let id): endReading(id, at: now, into: &effects)
        case .requestReceived(let message): turn.requests.append(message)
        case .readingStalled: readEverything(at: now, into: &effects)
        case .messagesDropped:
            broker.miss(limits, at: now)
            devices.hearOfDrops()
            followDevices(into: &effects)
        case .brokerCongested(let isCongested): watching.congest(isCongested)
        case .answersLimited(let room): requests.limitAnswers(to: room)
        case .limitsChanged(let limits): change(limits, at: now, into: &effects)
        case .turnEnded: endTurn(at: now, into: &effects)
        case .saved: closeTurn(failure: nil, at: now, into: &effects)
        case .saveFailed(let reason): closeTurn(failure: reason, at: now, into: &effects)
        }
    }

    func evidence(at now: Instant) -> Evidence { broker.evidence(clock, at: now) }

    private mutating func connect(at now: Instant, into effects: inout [Effect]) {
        requests.begin(at: now)
        if !broker.hasReadOnce { devices.resumeHidden(at: now, &alarms) }
        users.connect()
        effects.append(.read(broker.connect(at: now), .connection))
    }

    private mutating func disconnect() {
        settings.packets = PacketLimit()
        broker.disconnect()
        devices.disconnect()
        users.disconnect()
        watching.dropTurn()
        // Requests are asked again.
        requests.limitAnswers(to: .unlimited)
        turn = Turn()
    }

    private mutating func change(
        _ limits: Limits,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        let isServing = broker.phase == .serving
        if limits.brokerRestartGrace != self.limits.brokerRestartGrace, isServing {
            turn.serves = true
        }
        settings.limits = limits
        if isServing { scheduleAudit(at: now) }
        users.change(limits, &calendar)
        devices.change(limits, names, &alarms)
        followDevices(into: &effects)
    }

    // MARK: - Statements and statuses

    private mutating func receive(
        _ report: Report,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard broker.phase != .away else { return }
        let known = evidence(at: now)
        let hasStatus = !known.isSettled && names.id(of: report.user).map(users.hasStatus) ?? false
        devices.receive(report, hasStatus: hasStatus, &names, known)
        followDevices(into: &effects)
    }

    private mutating func believe(
        _ stated: [DeviceKey],
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard broker.phase != .away else { return }
        devices.believe(stated, &names, evidence(at: now))
        followDevices(into: &effects)
    }

    private mutating func find(
        _ payload: [UInt8],
        of name: Name,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard case .reading = broker.phase else { return }
        let finding = users.find(
            payload,
            of: name,
            names.id(of: name),
            hasReadOnce: broker.hasReadOnce,
            room: settings.statusRoom,
            limits,
            at: now
        )
        switch finding {
        case .known: break
        case .over: turn.writes.append(.clear(.status(name)))
        case .newer(let status):
            let id = names.intern(status.username)
            clock.learn(status.updated)
            devices.adopt(status, of: id, evidence(at: now))
            followDevices(into: &effects)
            users.adopt(status, of: id, limits)
            followUsers()
        }
    }

    // MARK: - The broker

    private mutating func learn(
        uptime: Int64,
        isRetained: Bool,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard limits.watchesBrokerRestart, broker.phase != .away else { return }
        switch broker.learn(uptime: uptime, isRetained: isRetained, at: now) {
        case .same: break
        case .learnt: unsaved.noteBroker()
        case .restarted: restart(at: now, into: &effects)
        case .uncertain: alarms.set(.certainty, at: broker.awaitUptime(at: now))
        }
        if !isRetained { becomeCertain(into: &effects) }
    }

    mutating func becomeCertain(into effects: inout [Effect]) {
        broker.becomeCertain()
        devices.becomeCertain()
        followDevices(into: &effects)
    }

    private mutating func restart(at now: Instant, into effects: inout [Effect]) {
        broker.restart()
        unsaved.noteBroker()
        let known = evidence(at: now)
        let suspects = devices.suspectAll(known)
        effects.append(.log(.notice, broker.restartWords(suspects: suspects, limits)))
        if broker.phase == .serving {
            turn.serves = true
            devices.watchSuspects(known)
        }
        followDevices(into: &effects)
    }

    // MARK: - Readings

    mutating func readEverything(at now: Instant, into effects: inout [Effect]) {
        guard let (id, words) = broker.readEverything(at: now) else { return }
        if let words { effects.append(.log(.notice, words)) }
        effects.append(.read(id, .everyDevice))
    }

    /// A reading has ended: what was missing is asked for alone, and what is missing then is gone.
    private mutating func endReading(
        _ id: ReadingID,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let (purpose, isCut) = broker.endReading(id) else { return }
        let known = evidence(at: now)
        var missing: [DeviceEntry] = []
        var (rest, round): (ArraySlice<DeviceEntry>, Int) = ([], 1)
        switch purpose {
        case .connection: missing = devices.missing(in: id, known)
        case .everyDevice:
            missing = devices.missing(in: id, known)
            devices.endReadingEverything(names, known)
        case .slice(let users): missing = devices.missing(of: users, in: id, known)
        case .confirmation(let entries, let later, let rounds):
            let absent = devices.missing(among: entries, in: id)
            rest = later
            if absent.count < entries.count { broker.noteLack(id) }
            // A broker that has dropped messages of late may have dropped these, and not the marker.
            let isUnsure = rounds == 1 && known.mayHaveMissed && !absent.isEmpty
            if isCut || isUnsure {
                // What the broker has dropped may be there: it is asked for again. After that it stays
                // as it is known, and the audit comes by.
                (missing, round) = (rounds < Rereading.most ? absent : [], rounds + 1)
            } else {
                devices.takeForGone(absent, &names, known)
            }
        }
        followDevices(into: &effects)
        if missing.isEmpty { (missing, rest, round) = (Array(rest), [], 1) }
        guard missing.isEmpty else {
            let (confirmation, asked) =
                broker.confirm(missing, then: rest, from: id, round: round, at: now)
            let keys = asked.filter { names.name(of: $0.user) != nil }
                .map { DeviceKey(names[$0.user], $0.device) }
            effects.append(.read(confirmation, .devices(keys)))
            return
        }
        if broker.beginServing(after: id) { beginServing(at: now, into: &effects) }
        if case .everyDevice = purpose { devices.askSuspectsAgain(evidence(at: now)) }
        followDevices(into: &effects)
        switch broker.follow(id, at: now) {
        case .nothing: break
        case .readAgain: readEverything(at: now, into: &effects)
        case .readLater(let time): alarms.set(.rereading, at: time)
        }
    }

    /// Everything is read: what differs is told, and requests are taken.
    private mutating func beginServing(at now: Instant, into effects: inout [Effect]) {
        // A broker that has not told its uptime yet may have started a moment ago.
        if limits.watchesBrokerRestart, broker.awaitsFirstUptime {
            alarms.set(.certainty, at: broker.awaitUptime(at: now))
        }
        if broker.isCertain { becomeCertain(into: &effects) }
        // A watcher asks again after a restart of the broker, which has lost its events, too.
        users.resend(isTold: !broker.hasRestarted)
        turn.serves = true
        devices.beginServing(hasRestarted: broker.hasRestarted, names, evidence(at: now))
        followDevices(into: &effects)
        broker.beginAudit(at: now)
        scheduleAudit(at: now)
    }

    private mutating func scheduleAudit(at now: Instant) {
        if let time = broker.scheduleAudit(limits, at: now) { alarms.set(.audit, at: time) }
    }

    mutating func audit(at now: Instant, into effects: inout [Effect]) {
        broker.passAuditAlarm()
        scheduleAudit(at: now)
        if broker.isFullReadingDue(limits, at: now) { readEverything(at: now, into: &effects) }
        guard let slice = broker.auditSlice(of: names.end, limits, at: now) else { return }
        let read = slice.filter {
            names.name(of: $0) != nil && (users.knows($0) || devices.knows($0))
        }
        guard !read.isEmpty else { return }
        effects.append(.read(broker.beginSlice(read, at: now), .users(read.map { names[$0] })))
    }
}
