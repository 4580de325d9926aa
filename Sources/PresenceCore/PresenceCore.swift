import Presence

/// Everything that is decided about presence, as a value: an input and the time go in, what must
/// be done comes out.
///
/// A turn is any number of facts, then ``Input/turnEnded``, whose ``Effect/save(_:)`` effects are
/// stored together, then ``Input/saved`` or ``Input/saveFailed(_:)``, whose effects are published
/// in their order. Two halves meet only where a status changes: the ``Roster`` (what devices say)
/// and the ``Watching`` (who is told).
public struct PresenceCore: Sendable {
    /// What a bridge is doing with the broker that it has.
    enum Phase: Hashable {
        /// There is none.
        case away
        /// It reads what is retained, and tells nobody anything.
        case reading(ReadingID)
        /// It serves.
        case serving
    }

    let topics: Topics
    let bridgeID: String
    var limits: Limits

    var directory = Directory()
    var roster = Roster()
    var watching = Watching()
    var ledger = Ledger()
    var clock = SteadyClock()
    var alarms = Alarms()
    var calendar = Alarms()
    var counts = Figures()

    var phase = Phase.away
    var connection: UInt32 = 0
    var readings = Readings()
    var audit = Audit()
    var broker = BrokerState()
    var statements = Metering<Report>()
    var requests = Metering<RequestMessage>()
    var cursors = Cursors()
    var strays = Strays()
    var unconfirmed = Unconfirmed()
    var telling = Telling()
    var packets = PacketLimit()
    var tooLong = TooLong()

    var turn = Turn()
    var touched = NumberTable<Touch>()
    var touchOrder: [UserID] = []
    var candidates: Set<UserID> = []
    var storeFault: StoreFault?

    /// A core that knows nobody.
    ///
    /// - Parameters:
    ///   - topics: where answers may go.
    ///   - bridgeID: how the bridge marks what it writes to device topics.
    public init(limits: Limits, topics: Topics = Topics(), bridgeID: String = "presence-bridge") {
        self.limits = limits
        self.topics = topics
        self.bridgeID = bridgeID
    }

    /// What has been counted, and how much there is now.
    public var figures: Figures {
        var figures = counts
        figures.usersOnline = roster.online.count
        figures.usersKnown = roster.knownUsers
        figures.devicesOnline = roster.onlineDevices
        figures.subscriptions = watching.count
        return figures
    }

    /// How many names are held, of users who are known, watch, or are watched.
    package var namesHeld: Int { directory.count }

    /// How long nothing needs to happen unless something comes in; `nil` for ever.
    public func idleTime(at now: Instant) -> Duration? {
        guard phase == .serving else { return nil }
        if telling.isBusy || !ledger.isEmpty && storeFault == nil { return .zero }
        let waits = [
            alarms.next.map { $0 - now.uptime }, calendar.next.map { $0 - now.unix },
        ]
        return waits.compactMap { $0 }.min().map { .milliseconds(max(0, $0)) }
    }

    /// Decides what follows from an input.
    public mutating func handle(_ input: Input, at now: Instant, into effects: inout [Effect]) {
        // After a stall everything is read first: what came due meanwhile may be about old words.
        if phase == .serving, input != .readingStalled { passAlarms(at: now, into: &effects) }
        switch input {
        case .brokerFound: connect(at: now, into: &effects)
        case .brokerLost: disconnect()
        case .packetsLimited(let limit): packets = limit
        case .answerRefused(let reply): replaceAnswer(reply)
        case .uptimeReported(let uptime, let isRetained):
            learn(uptime: uptime, isRetained: isRetained, at: now, into: &effects)
        case .ownStateFound(let payload): broker.foundState = payload
        case .markReported(let mark, let isRetained): hear(mark: mark, isRetained: isRetained)
        case .statedSinceStart(let devices): believe(devices, at: now)
        case .deviceReported(let report): receive(report, at: now)
        case .statusFound(let user, let payload): findStatus(of: user, payload, at: now)
        case .misnamedFound(let topic): clearStray(topic, at: now)
        case .readingCut(let id): readings.cut(id)
        case .readingsLimited: readings.again.limit()
        case .readingEnded(let id): endReading(id, at: now, into: &effects)
        case .requestReceived(let message): turn.requests.append(message)
        case .readingStalled: readEverything(at: now, into: &effects)
        case .messagesDropped: hearOfDrops(at: now)
        case .brokerCongested(let isCongested): telling.isCongested = isCongested
        case .limitsChanged(let limits): change(limits, at: now)
        case .turnEnded: endTurn(at: now, into: &effects)
        case .saved: closeTurn(failure: nil, at: now, into: &effects)
        case .saveFailed(let reason): closeTurn(failure: reason, at: now, into: &effects)
        }
    }

    private mutating func change(_ limits: Limits, at now: Instant) {
        if limits.brokerRestartGrace != self.limits.brokerRestartGrace, phase == .serving {
            turn.serves = true
        }
        self.limits = limits
        if phase == .serving { scheduleAudit(at: now) }
        // Graces and lives may be shorter than before: every alarm is reckoned anew.
        for id in 1..<max(1, roster.end) where roster[id].isKnown {
            schedule(id)
            for index in roster[id].devices.indices {
                schedule(id, index)
            }
        }
    }
}
