import Presence
import PresenceAdoption
import Testing

@testable import PresenceCore

/// A core with a clock, a disk and the retained topics of a broker: each call is one turn, as the
/// shell makes it.
struct Bridge {
    /// What decides.
    var core: PresenceCore
    /// The time.
    var now = Instant(uptime: 1_000_000, unix: 1_700_000_000_000)
    /// What is stored.
    var disk = Disk()
    /// Why nothing can be stored, if so.
    var storeFault: String?
    /// What is retained on device topics.
    var topics: [DeviceKey: [UInt8]] = [:]
    /// What is retained on topics that were adopted.
    var adopted: [String: [UInt8]] = [:]
    /// What is adopted.
    var plan = AdoptionPlan()
    /// Who is described to other programs.
    var export: ExportPlan?
    /// What is retained of that, and the note below which prefix it is.
    var discoveryMessages: [String: [UInt8]] = [:]
    var exportNote: String?
    /// Whether the broker drops some of what is retained of that.
    var cutsDiscoveryMessages = false
    /// What is retained on status topics.
    var statuses: [Name: [UInt8]] = [:]
    /// What is retained of the bridge's own state, and the mark beside it.
    var ownState: [UInt8]?
    var mark: Int64?
    /// Which connection left the one and the other.
    var stateLeftBy: String?
    var markLeftBy: String?
    /// When the broker started, in Unix seconds; `nil` for a broker that does not tell.
    var brokerStarted: Int64? = 1_699_990_000

    /// A bridge without audits, which would make every long wait a thousand turns.
    init(
        adopting plan: AdoptionPlan = AdoptionPlan(),
        exporting export: ExportPlan? = nil,
        _ change: (inout Limits) -> Void = { _ in }
    ) {
        var limits = Limits()
        limits.auditInterval = .zero
        change(&limits)
        self.plan = plan
        self.export = export
        core = PresenceCore(limits: limits, adoption: plan, export: export)
    }

    /// A bridge that has read an empty broker and serves.
    static func serving(_ change: (inout Limits) -> Void = { _ in }) -> Bridge {
        var bridge = Bridge(change)
        bridge.connect()
        bridge.uptime()
        return bridge
    }

    // MARK: - Turns

    /// One turn: what happened, the end, and what the store says.
    @discardableResult
    mutating func send(_ inputs: [Input]) -> [Effect] {
        var effects: [Effect] = []
        for input in inputs {
            core.handle(input, at: now, into: &effects)
        }
        core.handle(.turnEnded, at: now, into: &effects)
        if let storeFault {
            core.handle(.saveFailed(storeFault), at: now, into: &effects)
        } else {
            for case .save(let changes, _) in effects {
                for change in changes { disk.apply(change) }
            }
            #expect(disk.hasUniqueNames)
            core.handle(.saved, at: now, into: &effects)
        }
        publish(effects)
        return effects
    }

    /// One turn.
    @discardableResult
    mutating func send(_ inputs: Input...) -> [Effect] { send(inputs) }

    /// Lets time pass, with a turn whenever the core wants one.
    @discardableResult
    mutating func pass(_ duration: Duration) -> [Effect] {
        var left = duration.milliseconds
        var effects: [Effect] = []
        for _ in 0..<100_000 {
            guard let idle = core.idleTime(at: now)?.milliseconds, idle <= left else { break }
            now = now.advanced(by: .milliseconds(idle))
            left -= idle
            effects += send()
        }
        now = now.advanced(by: .milliseconds(left))
        return effects + send()
    }

    private mutating func publish(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .retain(.device(let user, let device), let payload):
                topics[DeviceKey(user, device)] = payload
            case .retain(.status(let user), let payload): statuses[user] = payload
            case .clear(.device(let user, let device)): topics[DeviceKey(user, device)] = nil
            case .clear(.status(let user)): statuses[user] = nil
            case .retain(.discoveryMessage(let topic), let payload):
                discoveryMessages[topic] = payload
            case .clear(.discoveryMessage(let topic)): discoveryMessages[topic] = nil
            case .retain(.exportNote, let payload):
                exportNote = String(decoding: payload, as: UTF8.self)
            case .clear(.exportNote): exportNote = nil
            case .serve: ownState = Array(#"{"state":"online"}"#.utf8)
            case .mark(let mark): self.mark = mark
            default: continue
            }
        }
    }

    // MARK: - What happens

    /// A device or its will publishes to its topic: `says("alice/phone", "online")`.
    @discardableResult
    mutating func says(_ path: String, _ payload: String, retained: Bool = true) -> [Effect] {
        send(statement(path, payload, retained: retained))
    }

    /// What a device publishes, as an input for a turn of several.
    mutating func statement(_ path: String, _ payload: String, retained: Bool = true) -> Input {
        let key = DeviceKey(path)
        if retained { topics[key] = payload.isEmpty ? nil : Array(payload.utf8) }
        return .deviceReported(
            Report(
                user: key.user,
                device: key.device,
                payload: Array(payload.utf8),
                isRetained: retained
            )
        )
    }

    /// What the bridge wrote to a device topic comes back to it.
    @discardableResult
    mutating func echo(_ path: String, _ payload: String) -> [Effect] {
        let key = DeviceKey(path)
        return send(
            .deviceReported(
                Report(
                    user: key.user,
                    device: key.device,
                    payload: Array(payload.utf8),
                    by: "presence-bridge"
                )
            )
        )
    }

    /// The broker publishes its uptime.
    @discardableResult
    mutating func uptime() -> [Effect] {
        guard let brokerStarted else { return [] }
        return send(.uptimeReported(now.second - brokerStarted, isRetained: false))
    }

    /// A connection is made and everything is read.
    @discardableResult
    mutating func connect() -> [Effect] {
        let effects = send(.brokerFound)
        return effects + answerReadings(in: effects)
    }

    /// The mark comes back from the broker.
    mutating func echoMark() {
        if let mark { send(.markReported(mark, by: markLeftBy, isRetained: false)) }
    }

    /// The connection is lost, time passes, and another is made.
    @discardableResult
    mutating func reconnect(after pause: Duration = .milliseconds(100)) -> [Effect] {
        send(.brokerLost)
        now = now.advanced(by: pause)
        return connect()
    }

    /// The broker starts anew, with its retained messages or without, and is found again.
    @discardableResult
    mutating func restartBroker(
        keepsRetained: Bool = true,
        after pause: Duration = .seconds(60)
    ) -> [Effect] {
        send(.brokerLost)
        now = now.advanced(by: pause)
        brokerStarted = now.second
        if !keepsRetained {
            topics = [:]
            statuses = [:]
        }
        return connect()
    }

    /// The bridge starts anew and knows what is on its disk; it is not connected.
    mutating func restart(after pause: Duration = .seconds(1)) {
        now = now.advanced(by: pause)
        let limits = core.limits
        core = PresenceCore(limits: limits, adoption: plan, export: export)
        for change in disk.replay {
            core.restore(change)
        }
        core.endRestoring()
    }

    /// Answers the readings that were ordered from what is retained, until none is.
    @discardableResult
    mutating func answerReadings(in effects: [Effect]) -> [Effect] {
        var orders = effects.readings
        var all: [Effect] = []
        while !orders.isEmpty {
            let (id, scope) = orders.removeFirst()
            let more = send(found(id, scope) + [.readingEnded(id)])
            orders += more.readings
            all += more
        }
        return all
    }

    /// What a reading finds.
    func found(_ id: ReadingID, _ scope: ReadingScope) -> [Input] {
        var inputs: [Input] = []
        if case .connection = scope {
            if let ownState { inputs.append(.ownStateFound(ownState, by: stateLeftBy)) }
            if let mark { inputs.append(.markReported(mark, by: markLeftBy, isRetained: true)) }
            if let exportNote { inputs.append(.exportNoteFound(exportNote)) }
            if let brokerStarted {
                inputs.append(.uptimeReported(now.second - brokerStarted, isRetained: true))
            }
            for (user, payload) in statuses.sorted(by: { $0.key < $1.key }) {
                inputs.append(.statusFound(user: user, payload: payload))
            }
        }
        inputs += foundAdopted(id, scope)
        if case .discoveryMessages(let filter) = scope {
            for (topic, payload) in discoveryMessages.sorted(by: { $0.key < $1.key })
            where TopicFilter(filter).covers(TopicFilter(topic)) {
                inputs.append(.discoveryMessageFound(topic: topic, payload: payload))
            }
            if cutsDiscoveryMessages { inputs.append(.readingCut(id)) }
        }
        for (key, payload) in topics.sorted(by: { $0.key < $1.key }) {
            switch scope {
            case .users(let users) where !users.contains(key.user): continue
            case .devices(let keys) where !keys.contains(key): continue
            case .adopted, .discoveryMessages: continue
            case .names:
                inputs.append(.deviceListed(key))
                continue
            default: break
            }
            inputs.append(
                .deviceReported(
                    Report(user: key.user, device: key.device, payload: payload, reading: id)
                )
            )
        }
        return inputs
    }

    /// What a reading finds on topics that were adopted.
    private func foundAdopted(_ id: ReadingID, _ scope: ReadingScope) -> [Input] {
        let (topics, reading): ([String], ReadingID?) =
            switch scope {
            case .connection, .everyDevice: (Array(adopted.keys), nil)
            case .adopted(let asked): (asked.filter { adopted[$0] != nil }, id)
            case .users, .devices, .names, .discoveryMessages: ([], nil)
            }
        return topics.sorted().compactMap { topic in
            adopted[topic].map {
                .adoptedHeard(
                    AdoptedMessage(topic: topic, payload: $0, isFound: true, reading: reading)
                )
            }
        }
    }

    // MARK: - What is seen

    /// The retained status of a user as text; `nil` if there is none.
    func statusText(_ user: String) -> String? {
        statuses[Name(checked: user)].map { String(decoding: $0, as: UTF8.self) }
    }

    /// The retained status of a user.
    func status(_ user: String) -> UserStatus? {
        let name = Name(checked: user)
        return statuses[name].flatMap { UserStatus(reading: $0, of: name) }
    }

    /// The word of a user's retained status; `nil` if there is none.
    func word(_ user: String) -> String? { status(user)?.status.text }

    /// What is retained on a device topic as text.
    func topic(_ path: String) -> String? {
        topics[DeviceKey(path)].map { String(decoding: $0, as: UTF8.self) }
    }
}

extension DeviceKey {
    /// The device under a path of user and device.
    init(_ path: String) {
        let levels = path.split(separator: "/").map(String.init)
        self.init(Name(checked: levels[0]), Name(checked: levels[1]))
    }
}

extension [Effect] {
    /// The readings ordered.
    var readings: [(id: ReadingID, scope: ReadingScope)] {
        compactMap { effect in
            if case .read(let id, let scope) = effect { (id, scope) } else { nil }
        }
    }

    /// What is published, in order, as text.
    var told: [String] { compactMap(\.told) }

    /// What is published to device topics.
    var corrections: [String] { told.filter { $0.contains("device/") && !$0.contains("{\"op") } }

    /// What is published to status topics.
    var statuses: [String] { told.filter { $0.contains("status/") } }

    /// What is published to devices.
    var answers: [String] { told.filter { $0.hasPrefix("presence/response/") } }

    /// The code of the only error that is answered, if it is one.
    var errorCode: String? {
        let answers = compactMap { effect -> String? in
            guard case .reply(let reply) = effect else { return nil }
            let object = try? JSONValue(parsing: reply.payload).object
            return object?["error"]?.object?["code"]?.string
        }
        return answers.count == 1 ? answers[0] : nil
    }

    /// What goes into the log.
    var logged: [String] {
        compactMap { if case .log(_, let text) = $0 { text } else { nil } }
    }
}

extension Effect {
    fileprivate var told: String? {
        switch self {
        case .retain(let topic, let payload):
            "\(topic.text) \(String(decoding: payload, as: UTF8.self))"
        case .clear(let topic): "clear \(topic.text)"
        case .notify(let names, let payload):
            "event/\(names.map(\.text).joined(separator: ",")) \(String(decoding: payload, as: UTF8.self))"
        case .reply(let reply):
            "\(reply.topic) \(String(decoding: reply.payload, as: UTF8.self))"
        case .serve(let epoch, let grace): "serve \(epoch) \(grace)"
        case .save, .read, .mark, .askForStated, .answer, .recall, .command, .listen,
            .stopListening,
            .log:
            nil
        }
    }
}

extension RetainedTopic {
    fileprivate var text: String {
        switch self {
        case .device(let user, let device): "device/\(user)/\(device)"
        case .status(let user): "status/\(user)"
        case .stray(let topic), .discoveryMessage(let topic): topic
        case .exportNote: "export note"
        }
    }
}
