import Presence
import PresenceCore
import PresenceStore

/// The real core and the real store, with a broker that keeps what is retained: what a fuzzed run
/// happens to.
struct Service {
    static let bridgeID = "presence-bridge"

    let topics = Topics()
    var core: PresenceCore
    var limits = OperatorLimits.limits(0)
    /// Whether the limits never were such that somebody could speak too much.
    private(set) var isPatient = true
    var now = Instant(uptime: 1_000_000, unix: 1_700_000_000_000)
    var brokerStarted: Int64 = 1_699_990_000
    /// What the broker holds.
    var retained: [String: [UInt8]] = [:]
    /// Whether a connection stands, and whether the bridge serves.
    var isConnected = false
    var isServing = false
    /// How large packets the broker takes.
    private var packets = Int.max
    /// Whether readings are left unanswered for now.
    var holdsReadings = false
    var readings: [(id: ReadingID, scope: ReadingScope)] = []
    /// Writes of the bridge's that come back to it.
    var echoes: [Input] = []
    /// What was told and answered, by kind.
    var reached: Set<String> = []
    /// Broken rules, in words.
    var complaints: [String] = []

    private let store: SQLiteStore
    private var storeWorks = true
    private var publications = PublicationRules()
    /// When each user was last told that it asks too much.
    var refused: [Name: Int64] = [:]

    /// A service that serves, with an empty broker and an empty store.
    init() throws {
        store = try SQLiteStore(path: ":memory:", synchronous: .normal)
        core = PresenceCore(limits: limits, topics: topics, bridgeID: Self.bridgeID)
        start()
        connect()
    }

    // MARK: - Turns

    /// One turn, as the shell makes it.
    @discardableResult
    mutating func turn(_ inputs: [Input] = []) -> [Effect] {
        var effects: [Effect] = []
        for input in inputs {
            core.handle(input, at: now, into: &effects)
        }
        core.handle(.turnEnded, at: now, into: &effects)
        let changes = effects.flatMap { effect -> [Change] in
            if case .save(let changes, _) = effect { changes } else { [] }
        }
        core.handle(save(changes), at: now, into: &effects)
        complaints += publications.broken(by: effects, after: inputs, limits, retained)
        complaints += PublicationRules.longer(than: packets, effects)
        for effect in effects {
            perform(effect)
        }
        return effects
    }

    private mutating func save(_ changes: [Change]) -> Input {
        guard !changes.isEmpty else { return .saved }
        guard storeWorks else { return .saveFailed("the disk is full") }
        do {
            try store.commit(changes)
            return .saved
        } catch {
            complaints.append("the store does not take what the core decides: \(error)")
            return .saveFailed("\(error)")
        }
    }

    private mutating func perform(_ effect: Effect) {
        switch effect {
        case .retain(let topic, let payload): write(payload, to: topic)
        case .clear(let topic): write([], to: topic)
        case .read(let id, let scope): readings.append((id, scope))
        case .serve: isServing = true
        case .mark(let mark): echoes.append(.markReported(mark, by: nil, isRetained: false))
        case .reply(let reply): reached.insert(reply.kind)
        case .notify: reached.insert("event")
        case .log(let severity, _): reached.insert("log \(severity)")
        case .askForStated:
            reached.insert("plugin asked")
            echoes.append(.statedSinceStart(deviceTopics))
        case .recall(let number, let query):
            reached.insert("history")
            echoes.append(.recalled(number, try? store.archive().history(query)))
        case .save, .answer, .command, .listen, .stopListening: break
        }
    }

    /// The devices on whose topics something is retained, in their order.
    private var deviceTopics: [DeviceKey] {
        retained.keys.compactMap { topic in
            guard case .device(let user, let device)? = topics.meaning(of: topic) else {
                return nil
            }
            return DeviceKey(user, device)
        }.sorted()
    }

    private mutating func write(_ payload: [UInt8], to topic: RetainedTopic) {
        switch topic {
        case .device(let user, let device):
            reached.insert(payload.isEmpty ? "device cleared" : "device put right")
            retained[topics.device(user, device)] = payload.isEmpty ? nil : payload
            let report = Report(user: user, device: device, payload: payload, by: Self.bridgeID)
            echoes.append(.deviceReported(report))
        case .status(let user):
            reached.insert(payload.isEmpty ? "status cleared" : "status")
            retained[topics.status(user)] = payload.isEmpty ? nil : payload
        case .discoveryMessage, .exportNote: break
        case .stray(let topic):
            reached.insert("stray cleared")
            retained[topic] = nil
        }
    }

    /// Turns until nothing is left to do at this moment.
    mutating func settle() {
        for _ in 0..<1_000 {
            if !readings.isEmpty, !holdsReadings {
                answerReading()
            } else if !echoes.isEmpty, isConnected {
                let inputs = echoes
                echoes = []
                turn(inputs)
            } else if core.idleTime(at: now).map({ $0 <= .zero }) ?? false {
                turn()
            } else {
                return
            }
        }
        complaints.append("there is no end of turns at one moment")
    }

    // MARK: - The broker

    private mutating func connect() {
        isConnected = true
        turn([.brokerFound])
        settle()
    }

    private mutating func disconnect() {
        isConnected = false
        isServing = false
        packets = .max
        readings = []
        echoes = []
    }

    private mutating func answerReading() {
        let (id, scope) = readings.removeFirst()
        turn(
            ReadingContent(topics, retained, uptime: now.unix / 1_000 - brokerStarted).inputs(
                id,
                scope
            )
        )
    }

    // MARK: - The bridge

    private mutating func start() {
        core = PresenceCore(limits: limits, topics: topics, bridgeID: Self.bridgeID)
        do {
            try store.replay { core.restore($0) }
        } catch {
            complaints.append("the store refuses what it took: \(error)")
        }
        core.endRestoring()
        _ = core.start(at: now)
        publications = PublicationRules()
        refused = [:]
    }

    // MARK: - Steps

    /// Lets a step happen.
    mutating func take(_ step: Step) {
        switch step {
        case .arrive(let arrival): receive(arrival)
        case .pass(let milliseconds): pass(milliseconds)
        case .stepClock(let milliseconds): now.unix = max(0, now.unix + milliseconds)
        case .store(let works): storeWorks = works
        case .lose:
            turn([.brokerLost])
            disconnect()
        case .find(let how):
            if isConnected { turn([.brokerLost]) }
            disconnect()
            if how != .same { brokerStarted = now.unix / 1_000 }
            if how == .emptied { retained = [:] }
            connect()
        case .restart:
            disconnect()
            start()
            connect()
        case .hold: holdsReadings = true
        case .read: holdsReadings = false
        case .stall: turn([.readingStalled])
        case .drop: turn([.messagesDropped])
        case .congest(let isCongested): turn([.brokerCongested(isCongested)])
        case .takesPackets(let bytes):
            guard isConnected else { return }
            packets = bytes
            turn([.packetsLimited(PacketLimit(packet: bytes))])
        case .limit(let number):
            limits = OperatorLimits.limits(number)
            isPatient = isPatient && limits.deviceBurst > 1_000
            turn([.limitsChanged(limits)])
        }
        settle()
    }

    private mutating func pass(_ milliseconds: Int64) {
        let end = now.uptime + milliseconds
        // A long time passes at once, as for a machine that sleeps.
        while milliseconds <= 60_000, let idle = core.idleTime(at: now)?.milliseconds,
            now.uptime + idle < end
        {
            advance(max(1, idle))
            settle()
        }
        advance(max(0, end - now.uptime))
        let uptime = now.unix / 1_000 - brokerStarted
        if isConnected { turn([.uptimeReported(max(0, uptime), isRetained: false)]) }
    }

    private mutating func advance(_ milliseconds: Int64) {
        now.uptime += milliseconds
        now.unix += milliseconds
        turn()
    }
}

extension Reply {
    /// What it answers and how: `get result`, `device invalid_status`, `announce`.
    fileprivate var kind: String {
        guard case .success(let answer) = JSONText.object(payload) else { return "no answer" }
        let operation = answer["operation"]?.string ?? ""
        if answer.keys.last == "operation" { return operation }
        guard let error = answer["error"]?.object else { return "\(operation) result" }
        let code = error["code"]?.string ?? ""
        return operation == "device" ? "device \(code)" : code
    }
}
