import Logging
import Mosquitto
import Presence
import PresenceAdoption
import PresenceCore

/// What the bridge does over a connection that stands.
///
/// It hands what comes to the values that decide, and switches over what they come to.
struct Session {
    /// What follows for the connection.
    enum Outcome: Equatable {
        case goesOn
        /// It has come so far that the next failure is a first one.
        case settled
        /// It is to be given up, and why, in words; without them it has done nothing wrong.
        case over(String?)
    }

    private let topics: Topics
    private let process: BridgeProcessID
    private let started: Int64
    private let export: ExportTopics?
    private var settings: Settings

    var out: Sender
    private var duty: DutyTopics
    private var reader: Reader
    private var fitness: Fitness
    private var lengths: PacketLengths
    private var system = SystemTopics()

    private var greeting: Greeting
    private var pluginTopic = ""
    /// Whether the connection has begun to take requests.
    private(set) var hasServed = false
    /// Whether requests have come since the core was told how many may be answered.
    private var hasRequests = false

    /// A session before the first connection, for which the greeting stands in.
    init(
        _ settings: Settings,
        _ topics: Topics,
        _ process: BridgeProcessID,
        _ greeting: Greeting,
        started: Int64
    ) {
        self.settings = settings
        self.topics = topics
        self.process = process
        self.greeting = greeting
        self.started = started
        export = settings.export.map {
            ExportTopics(prefix: $0.prefix, topics, bridgeID: process.bridge)
        }
        out = Sender(topics, settings, greeting)
        duty = DutyTopics(topics, process, greeting.probes)
        reader = Reader(
            topics,
            process.bridge,
            greeting.probes,
            adopting: settings.adoption
        )
        fitness = Fitness(topics, greeting.probes)
        lengths = PacketLengths(topics, settings.limits)
        change(settings)
    }

    mutating func change(_ settings: Settings) {
        self.settings = settings
        out.change(settings)
        fitness.needsUptime = settings.limits.watchesBrokerRestart
        lengths.limits = settings.limits
    }

    // MARK: - The connection

    mutating func begin(_ greeting: Greeting, at now: Instant) {
        self.greeting = greeting
        pluginTopic = topics.plugin(greeting.clientID)
        system.connect()
        hasServed = false
        reader.begin(greeting)
        fitness.begin(greeting, &out)
        guard !fitness.isUnfit else { return }
        out.begin(greeting, settings)
        lengths.begin(greeting, &out)
        fitness.tryRights(questions: duty.questions, at: now.uptime, &out)
        duty.begin(greeting.probes, at: now, &out)
    }

    mutating func learnFromViolation() { lengths.end(sending: out.longestPayload) }

    mutating func end() {
        out.end()
        reader.end()
        fitness.end()
        duty.end()
    }

    mutating func leave() {
        out.leave()
        duty.leave(greeting.version, &out)
    }

    var isReadingAll: Bool { reader.isReadingAll }

    /// Whether another bridge serves, and this one waits.
    var standsBy: Bool { duty.standsBy }
    var isConfirmed: Bool {
        get { duty.isConfirmed }
        set { duty.isConfirmed = newValue }
    }

    /// Whether the broker has told its uptime, as mosquitto and its kin do.
    var isLikeMosquitto: Bool { system.knowsUptime }
    var nextStep: Int64? { [duty.nextStep, reader.nextMark].compactMap(\.self).min() }

    mutating func step(at now: Instant) -> Outcome {
        var outcome = follow(fitness.check(at: now.uptime, &out), at: now)
        switch reader.check(at: now.uptime, &out) {
        case .goesOn: break
        case .stalled:
            fitness.deny(.device, &out)
            return .over("the retained device topics cannot be read")
        }
        if !fitness.isUnfit {
            let news = follow(duty.step(at: now, &out), at: now)
            if news != .goesOn { outcome = news }
        }
        reader.markAgain(at: now.uptime, &out)
        return outcome
    }

    /// Another second has gone by.
    ///
    /// A broker that talks and has not acknowledged what it was sent long before is called anew. mosquitto
    /// drops acknowledgements, too, once it drops: what they were for would take up the window, here and
    /// in the library, for as long as the connection stands.
    mutating func tick() -> Outcome {
        out.tick() ? .over("it has not acknowledged what it was sent") : .goesOn
    }

    // MARK: - What comes

    mutating func handle(_ input: LinkInput, at now: Instant) -> Outcome {
        switch input {
        case .happened(.message(let message)): return receive(message, at: now)
        case .happened(.published(let packet, let reason)):
            return acknowledge(packet, reason, at: now)
        case .happened(.subscribed(let packet, let granted)):
            return acknowledge(subscription: packet, granted, at: now)
        case .decided(let effect): return perform(effect, at: now)
        case .counted(let name, let value): retain(metric: name, value)
        case .sent(let packet, let identifier): out.sent(packet, as: identifier)
        case .notSent(let packet, let error):
            guard let message = out.fail(packet, error) else { break }
            lengths.complain(of: message, &out)
        case .happened, .notCalled, .side: break
        }
        return .goesOn
    }

    private mutating func receive(_ message: Message, at now: Instant) -> Outcome {
        let isOwnClear = out.hear(message)
        switch system.hear(message) {
        case .uptime(let seconds):
            out.tell(.uptimeReported(seconds, isRetained: message.retain))
        case .dropped: out.tell(.messagesDropped)
        case .nothing: break
        case nil:
            // Those come as long as the connection stands, and are no sign of anything else.
            reader.progress(at: now.uptime)
            return route(message, isOwnClear: isOwnClear, at: now)
        }
        return .goesOn
    }

    private mutating func route(
        _ message: Message,
        isOwnClear: Bool,
        at now: Instant
    ) -> Outcome {
        if message.topic == pluginTopic {
            out.takePluginAnswer(message.payload)
            return .goesOn
        }
        if takeProbe(message) { return .goesOn }
        switch topics.meaning(of: message.topic) {
        case .device(let user, let device):
            reader.take(message, user, device, isOwnClear: isOwnClear, &out)
        case _ where isOwnClear: break
        case .status(let user):
            guard message.retain, reader.isConnecting else { break }
            fitness.confirm(.status, &out)
            out.tell(.statusFound(user: user, payload: message.payload))
        case .request(let user, let device, let operation):
            out.tell(.requestReceived(RequestMessage(message, user, device, operation)))
            hasRequests = true
        case .misnamed:
            if Right(topic: message.topic, topics) == .device { reader.count(message) }
            guard message.retain, !message.payload.isEmpty else { break }
            out.tell(.misnamedFound(topic: message.topic))
        case nil where !topics.holds(message.topic): reader.takeOther(message, &out)
        case nil: return takeWordOfBridge(message, at: now)
        }
        return .goesOn
    }

    private mutating func takeProbe(_ message: Message) -> Bool {
        let probes = greeting.probes
        if message.topic == probes.marker {
            fitness.confirm(.device, &out)
            takeMarker(message)
            return true
        }
        if message.topic == probes.last {
            reader.takeLast(message)
            return true
        }
        // No name begins with the sign, so that hardly any other topic has it.
        guard message.topic.utf8.contains(UInt8(ascii: "$")) else { return false }
        if probes.additions.contains(message.topic) {
            reader.takeAddition(message, &out)
            return true
        }
        guard let right = probes.right(triedBy: message.topic) else { return false }
        fitness.confirm(right, &out)
        return true
    }

    private mutating func takeMarker(_ message: Message) {
        let expectsLast = isLikeMosquitto
        guard let (scope, isCut) = reader.takeMarker(message, expectsLast: expectsLast, &out)
        else { return }
        if isCut { out.suspect() }
        if scope == .connection, !system.knowsUptime { fitness.lackUptime(nil, &out) }
    }

    /// Takes what bridges have said of themselves: the own state as it was left, the mark beside it, and
    /// who serves.
    private mutating func takeWordOfBridge(_ message: Message, at now: Instant) -> Outcome {
        if message.topic == topics.bridge(process.bridge), message.retain, reader.isConnecting,
            !message.payload.isEmpty
        {
            out.tell(.ownStateFound(message.payload, by: message.connectionID))
        }
        if message.topic == topics.export(process.bridge) {
            // Later it is what this process has written itself.
            if message.retain, reader.isConnecting, !message.payload.isEmpty {
                out.tell(.exportNoteFound(message.text))
            }
            return .goesOn
        }
        if message.topic == topics.mark(process.bridge), let mark = Int64(message.text) {
            out.tell(.markReported(mark, by: message.connectionID, isRetained: message.retain))
            return .goesOn
        }
        if let (bridge, isDuty) = topics.bridge(of: message.topic), !isDuty,
            bridge != process.bridge, !message.payload.isEmpty
        {
            out.tell(.bridgeFound(bridge))
        }
        return follow(duty.take(message, at: now, &out), at: now)
    }

    private mutating func follow(_ outcome: DutyTopics.Outcome, at now: Instant) -> Outcome {
        switch outcome {
        case .goesOn: return .goesOn
        case .heardOwnQuestion:
            fitness.confirm(.bridge, &out)
            guard !fitness.isUnfit else { return .goesOn }
            return follow(duty.hearOwnQuestion(at: now, &out), at: now)
        case .serves:
            lengths.serveOnceKnown(&out)
            return .goesOn
        case .standsBy: return .settled
        case .givesWay:
            out.log(.error, DutyTopics.farewell(topics))
            return .over(nil)
        case .isUnfit:
            fitness.despair("sends no retained messages to subscriptions with wildcards", &out)
            return .goesOn
        }
    }

    private mutating func acknowledge(
        _ packet: Int32,
        _ reason: ReasonCode,
        at now: Instant
    ) -> Outcome {
        guard let message = out.acknowledge(packet) else { return .goesOn }
        if lengths.acknowledge(message, reason, &out) { return .goesOn }
        if message.topic == ControlMessage.topic {
            out.acknowledgePlugin(message.payload, reason)
        } else if reason == .notAuthorized, let export, export.user(of: message.topic) != nil {
            out.logOnce(.error, Right.complaint(ofExported: export.every))
        } else if reason == .notAuthorized, let right = Right(topic: message.topic, topics) {
            let news = fitness.doubt(right, at: message.topic, now.uptime, &out)
            return follow(news, at: now)
        } else if reason == .packetTooLarge {
            learnLength(from: message)
        } else if reason.isFailure {
            out.log(.error, "the broker did not take a publish to \(message.topic): \(reason)")
        } else if let right = greeting.probes.right(triedBy: message.topic), !right.isRead {
            fitness.confirm(right, &out)
        }
        return .goesOn
    }

    private mutating func learnLength(from message: Message) {
        lengths.refuse(message.payload.count, &out)
        guard Right(topic: message.topic, topics) == .response else {
            return lengths.complain(of: message, &out)
        }
        out.tell(.answerRefused(Reply(message)))
    }

    private mutating func acknowledge(
        subscription packet: Int32,
        _ granted: [ReasonCode],
        at now: Instant
    ) -> Outcome {
        var outcome = Outcome.goesOn
        for (filter, code) in zip(out.takeFilters(of: packet), granted) where code.isFailure {
            if reader.adopts(filter) {
                out.logOnce(.error, Right.complaint(ofAdopted: filter, code))
                continue
            }
            if let export, filter == export.every {
                out.logOnce(.error, Right.complaint(ofExported: filter))
                continue
            }
            let refusal = fitness.takeRefusal(of: filter, code, at: now.uptime, &out)
            let news = follow(refusal, at: now)
            if news != .goesOn { outcome = news }
        }
        return outcome
    }

    private mutating func follow(_ outcome: Fitness.Outcome, at now: Instant) -> Outcome {
        switch outcome {
        case .goesOn: .goesOn
        case .isDeaf: follow(duty.goBlind(at: now, &out), at: now)
        }
    }

    private mutating func perform(_ effect: Effect, at now: Instant) -> Outcome {
        switch effect {
        case .save, .log, .answer, .recall: break
        case .read(let id, let scope): reader.read(id, scope, at: now.uptime, &out)
        case .notify(let watchers, let payload): out.notify(watchers, payload)
        case .retain(let topic, let payload):
            out.publish(Message(topic, payload, topics, by: process.bridge))
        case .clear(let topic):
            out.publish(Message(topic, [], topics, by: process.bridge))
        case .reply(let reply): out.publish(Message(reply), isAnswer: true)
        case .serve(let epoch, let grace): return serve(epoch, grace, at: now)
        case .command(let topic, let payload): out.publish(Message(topic: topic, payload: payload))
        case .listen(let filters): reader.listen(to: filters, &out)
        case .stopListening(let topics): reader.stopListening(to: topics, &out)
        case .askForStated: out.askForStated()
        case .mark(let mark):
            let topic = topics.mark(process.bridge)
            var message = Message(topic: topic, payload: "\(mark)", qos: 1, retain: true)
            message.connectionID = greeting.connectionID
            out.publish(message)
        }
        return .goesOn
    }

    private mutating func serve(_ epoch: Int64, _ grace: Int64, at now: Instant) -> Outcome {
        out.subscribe([topics.everyRequest], .request)
        hasServed = true
        let state = BridgeState(
            version: Version.current,
            started: process.started,
            epoch: epoch,
            grace: grace
        )
        duty.state(state, at: now, &out)
        retain(metric: "started", "\(started)")
        return .settled
    }

    private mutating func retain(metric name: String, _ value: String) {
        let topic = topics.metric(process.bridge, name)
        out.publish(Message(topic: topic, payload: value, retain: true))
    }

    mutating func reportLoad() {
        out.reportLoad(hasRequests: hasRequests)
        hasRequests = false
    }
}
