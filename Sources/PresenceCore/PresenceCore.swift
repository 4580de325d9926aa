import DequeModule
import Presence
import PresenceAdoption

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
    var adoption: Adoption
    var export: Export
    var users = Users()
    var broker = Broker()
    var readings = Readings()
    var watching = Watching()
    var unsaved = UnsavedRows()
    var changeLog = ChangeLog()
    var requests = Requests()
    var recalls = Recalls()
    var refusals = RecentRefusals()
    var clock = SteadyClock()
    var alarms = Alarms()
    var calendar = Alarms()
    var counts = Metrics()
    var turn = Turn()
    /// Stars who are being erased, the first one now, each with the number of the question.
    var erasures: Deque<(number: UInt64, user: Name)> = []
    var now = Instant(uptime: 0, unix: 0)
    var effects: [Effect] = []

    /// A core that knows nobody.
    ///
    /// - Parameters:
    ///   - topics: where answers may go.
    ///   - bridgeID: how the bridge marks what it writes to device topics.
    ///   - adoption: what is adopted of topics that are not the protocol's.
    ///   - export: who is described to other programs.
    public init(
        limits: Limits,
        topics: Topics = Topics(),
        bridgeID: String = "presence-bridge",
        adoption: AdoptionPlan = AdoptionPlan(),
        export: ExportPlan? = nil
    ) {
        settings = Settings(topics: topics, bridgeID: bridgeID, limits: limits)
        let known = Evidence(broker, readings, clock, at: now)
        devices = Devices(settings, known)
        self.adoption = Adoption(adoption, limits, known)
        self.export = Export(export, topics, bridgeID: bridgeID)
    }

    // MARK: - What is asked

    /// What has been counted, and how much there is now.
    public var metrics: Metrics {
        var metrics = counts
        metrics.usersOnline = usersOnline
        metrics.usersKnown = users.table.knownCount
        metrics.devicesOnline = users.table.onlineDevices
        metrics.subscriptions = watching.subscriptions.count
        return metrics
    }

    /// How many users are online.
    public var usersOnline: Int { users.online.count }

    /// How many names are held, of users who are known, watch, or are watched.
    package var namesHeld: Int { names.count }

    var limits: Limits { settings.limits }

    /// How long nothing needs to happen unless something comes in; `nil` for ever.
    public func idleTime(at now: Instant) -> Duration? {
        guard readings.phase == .serving else { return nil }
        if watching.delivery.isBusy || unsaved.isBusy || !erasures.isEmpty { return .zero }
        let alarm = alarms.next.map { $0 - now.uptime } ?? .max
        let day = calendar.next.map { $0 - now.unix } ?? .max
        let wait = min(alarm, day)
        return wait == .max ? nil : .milliseconds(max(0, wait))
    }

    /// The latest Unix second that was told before, as far as the store knows; 0 when none was.
    public var latestSecond: Int64 { clock.latest }

    // MARK: - Inputs

    /// Decides what follows from an input.
    public mutating func handle(
        _ input: consuming Input,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        if now != self.now, broker.follow(now) { unsaved.noteBroker() }
        self.now = now
        swap(&self.effects, &effects)
        handle(input)
        swap(&self.effects, &effects)
    }

    private mutating func handle(_ input: consuming Input) {
        if case .readingStalled = input {
            // Everything is read first: what came due meanwhile may be about old words.
        } else if readings.phase == .serving {
            passAlarms()
        }
        switch consume input {
        case .brokerFound: connect()
        case .brokerLost: disconnect()
        case .packetsLimited(let limit): settings = settings.with(packets: limit)
        case .answerRefused(let reply): replaceAnswer(reply)
        case .uptimeReported(let uptime, let isRetained): learn(uptime, isRetained: isRetained)
        case .ownStateFound(let payload, let connection):
            broker.findState(payload, by: connection)
        case .markReported(let mark, let connection, let isRetained):
            if broker.hear(mark: mark, by: connection, isRetained: isRetained) {
                unsaved.noteBroker()
            }
        case .statedSinceStart(let stated):
            guard readings.phase != .away else { return }
            tellDevices { $0.believe(stated, &$1) }
        case .deviceReported(let report): receive(report)
        case .adoptedHeard(let message):
            guard readings.phase != .away else { return }
            tellAdopted { $0.receive(message, &$1) }
        case .bridgeFound(let id): devices.meet(bridge: id)
        case .exportNoteFound(let prefix): export.find(note: prefix)
        case .discoveryMessageFound(let topic, let payload):
            export.find(topic, payload, users, names)
            followExport()
        case .statusFound(let user, let payload): find(payload, of: user)
        case .misnamedFound(let topic): tellDevices { devices, _ in devices.clearMisnamed(topic) }
        case .deviceListed(let key): readings.list(key)
        case .readingCut(let id): readings.cut(id)
        case .readingsLimited: readings.limit()
        case .readingEnded(let id): endReading(id)
        case .requestReceived(let message): turn.requests.append(.request(message))
        case .asked(let question): take(question)
        case .recalled(let number, let changes): finishRecall(number, changes)
        case .readingStalled: readEverything()
        case .messagesDropped:
            readings.miss(limits, at: now)
            tellDevices { devices, _ in devices.askCorrectedOfLate() }
        case .brokerCongested(let isCongested): watching.congest(isCongested)
        case .answersLimited(let room): requests.limitAnswers(to: room)
        case .limitsChanged(let limits): change(limits)
        case .turnEnded: endTurn()
        case .saved: closeTurn(failure: nil)
        case .saveFailed(let reason): closeTurn(failure: reason)
        }
    }

    /// Lets the devices act by what is known of the broker now, and carries on what they say.
    mutating func tellDevices(_ act: (inout Devices, inout Names) -> Void) {
        devices.look(at: Evidence(broker, readings, clock, at: now))
        act(&devices, &names)
        followDevices()
    }

    private mutating func connect() {
        requests.begin(at: now)
        if !readings.hasReadOnce { devices.resumeHidden(at: now, &alarms) }
        tellAdopted { adoption, _ in adoption.connect() }
        // The reading that follows includes them.
        followLearned()
        export.connect()
        users.connect()
        broker.connect()
        effects.append(.read(readings.connect(at: now), .connection))
    }

    private mutating func disconnect() {
        settings = settings.with(packets: PacketLimit())
        readings.disconnect()
        devices.disconnect()
        export.disconnect()
        users.disconnect()
        watching.dropTurn()
        // Requests are asked again.
        requests.limitAnswers(to: .unlimited)
        recalls.disconnect()
        refuseQuestions()
        turn = Turn()
    }

    private mutating func change(_ limits: Limits) {
        let isServing = readings.phase == .serving
        if limits.brokerRestartGrace != self.limits.brokerRestartGrace, isServing {
            turn.serves = true
        }
        if limits.historyKeep == .zero, self.limits.historyKeep > .zero {
            changeLog.pause()
            unsaved.noteBroker()
        }
        settings = settings.with(limits: limits)
        if isServing { scheduleAudit() }
        users.change(limits, &calendar)
        devices.change(settings, names, &alarms)
        followDevices()
        tellAdopted { adoption, _ in adoption.change(limits) }
    }

    // MARK: - Statements and statuses

    private mutating func receive(_ report: Report) {
        guard readings.phase != .away else { return }
        if adoption.claims(report.user, report.device) {
            return tellDevices { $0.refuseAdopted(report, $1) }
        }
        let hasStatus =
            !broker.isSettled && names.id(of: report.user).map(users.hasStatus) ?? false
        tellDevices { $0.receive(report, hasStatus: hasStatus, &$1) }
    }

    private mutating func find(_ payload: [UInt8], of name: Name) {
        guard case .reading = readings.phase else { return }
        broker.findStatus()
        let finding = users.find(
            payload,
            of: name,
            names.id(of: name),
            hasReadOnce: readings.hasReadOnce,
            storedSecond: broker.clockStored,
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
            if limits.logsChanges {
                changeLog.note(status, after: users.table[id].visible)
            }
            adopt(status, of: id)
            users.adopt(status, of: id, limits)
            followUsers()
        }
    }

    // MARK: - The broker

    private mutating func learn(_ uptime: Int64, isRetained: Bool) {
        guard limits.watchesBrokerRestart, readings.phase != .away else { return }
        let mayBeLate = readings.isCatchingUp
        let finding = broker.learn(
            uptime: uptime,
            isRetained: isRetained,
            mayBeLate: mayBeLate,
            at: now
        )
        switch finding {
        case .same: break
        case .learnt: unsaved.noteBroker()
        case .restarted: restart()
        case .uncertain: alarms.set(.certainty, at: broker.awaitUptime(at: now))
        }
        if !isRetained, !mayBeLate { becomeCertain() }
    }

    mutating func becomeCertain() {
        broker.becomeCertain()
        tellDevices { devices, _ in devices.becomeCertain() }
    }

    private mutating func restart() {
        broker.restart()
        unsaved.noteBroker()
        var suspects = 0
        tellDevices { devices, _ in suspects = devices.suspectAll() }
        tellAdopted { adoption, _ in suspects += adoption.suspectAll() }
        effects.append(.log(.notice, broker.restartWords(suspects: suspects, limits)))
        guard readings.phase == .serving else { return }
        turn.serves = true
        tellDevices { devices, _ in devices.watchSuspects() }
        tellAdopted { adoption, _ in adoption.watchSuspects() }
    }

    // MARK: - Readings

    mutating func readEverything() { read(readings.readEverything(at: now)) }

    private mutating func read(_ order: Readings.Order?) {
        guard let order else { return }
        if let words = order.words { effects.append(.log(.notice, words)) }
        effects.append(.read(order.id, order.scope))
    }

    /// A reading has ended: carries what follows from that to whom it concerns.
    private mutating func endReading(_ id: ReadingID) {
        devices.look(at: Evidence(broker, readings, clock, at: now))
        let known = users.table.knownCount
        for outcome in readings.end(id, devices, names, known: known, at: now) {
            switch outcome {
            case .everyDeviceRead: tellDevices { $0.doubtContradicted($1) }
            case .everyAdoptedRead(let isCut): askForAdopted(missingIn: id, isCut: isCut)
            case .adoptedRead(let topics, let isCut):
                tellAdopted { $0.endReading(topics, id, isCut: isCut, &$1) }
            case .discoveryMessagesRead(let isCut):
                export.endReading(users.table.all.filter(users.hasStatus), isCut: isCut, at: now)
                followExport()
            case .gone(let keys): tellDevices { $0.takeForGone(keys, &$1) }
            case .serves: beginServing()
            case .suspectsUnheard: tellDevices { devices, _ in devices.askSuspectsAgain() }
            case .reads(let next): read(readings.begin(next, names, at: now))
            case .readsLater(let time): alarms.set(.rereading, at: time)
            }
        }
    }

    /// Everything is read: what differs is told, and requests are taken.
    private mutating func beginServing() {
        readings.beginServing(at: now)
        // A broker that has not told its uptime yet may have started a moment ago.
        if limits.watchesBrokerRestart, broker.awaitsFirstUptime {
            alarms.set(.certainty, at: broker.awaitUptime(at: now))
        }
        if broker.isCertain { becomeCertain() }
        // A watcher asks again after a restart of the broker, which has lost its events, too.
        let hasRestarted = broker.hasRestarted
        users.resend(isTold: !hasRestarted)
        turn.serves = true
        tellDevices { $0.beginServing(hasRestarted: hasRestarted, $1) }
        tellAdopted { adoption, _ in adoption.beginServing() }
        export.beginServing()
        followExport()
        scheduleAudit()
    }

    private mutating func scheduleAudit() {
        if let time = readings.scheduleAudit(limits, at: now) { alarms.set(.audit, at: time) }
    }

    /// Orders the next slice of what is read again.
    mutating func audit() {
        readings.passAuditAlarm()
        scheduleAudit()
        if readings.isFullReadingDue(limits, at: now) { readEverything() }
        guard let slice = readings.auditSlice(of: names.end, limits, at: now) else { return }
        let read = slice.filter {
            names.name(of: $0) != nil && (users.knows($0) || devices.knows($0))
        }
        ask(adopted: adoption.topics(of: slice))
        guard !read.isEmpty else { return }
        effects.append(.read(readings.beginSlice(read, at: now), .users(read.map { names[$0] })))
    }
}
