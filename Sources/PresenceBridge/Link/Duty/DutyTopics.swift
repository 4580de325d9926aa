import Logging
import Mosquitto
import Presence
import PresenceCore

/// What bridges say below their own topics, as this process hears and says it: who serves, which ``Duty``
/// decides, and whether the broker finds retained messages by a wildcard, which ``RetainedCheck`` decides.
struct DutyTopics {
    enum Outcome: Equatable {
        case goesOn
        /// The own question has come back: ``hearOwnQuestion(at:into:)`` follows.
        case heardOwnQuestion
        case serves
        case standsBy
        /// Another process serves, and this one has served: its connection is to be given up.
        case givesWay
        /// The broker does not send retained messages by wildcards.
        case isUnfit
    }

    private let topics: Topics
    private let process: BridgeProcessID
    private var duty: Duty
    private var retainedCheck = RetainedCheck()
    private var probes: ProbeTopics
    /// What the bridge has retained of itself on this connection, once it has.
    private var stated: Message?

    init(_ topics: Topics, _ process: BridgeProcessID, _ probes: ProbeTopics) {
        self.topics = topics
        self.process = process
        self.probes = probes
        duty = Duty(process)
    }

    static func farewell(_ topics: Topics) -> String {
        "another bridge serves the prefix \(topics.prefix): this one gives way"
    }

    var isConfirmed: Bool {
        get { duty.isConfirmed }
        set { duty.isConfirmed = newValue }
    }
    var nextStep: Int64? { duty.nextStep }
    var standsBy: Bool { duty.standsBy }
    private var own: String { process.bridge }

    // MARK: - The connection

    /// A connection stands: reads what the bridges of the prefix say of themselves, and asks who serves.
    mutating func begin(_ probes: ProbeTopics, at now: Instant, _ out: inout Sender) {
        self.probes = probes
        retainedCheck = RetainedCheck()
        out.subscribe([topics.everyBridge, topics.everyDuty], .bridge)
        out.publish(Message(topic: probes.retained, payload: "1", qos: 1, retain: true))
        _ = follow(duty.connect(at: now), &out)
    }

    var questions: String { topics.duty(own) }

    mutating func end() {
        duty.disconnect()
        stated = nil
    }

    mutating func step(at now: Instant, _ out: inout Sender) -> Outcome {
        follow(duty.step(at: now), &out)
    }

    mutating func goBlind(at now: Instant, _ out: inout Sender) -> Outcome {
        follow(duty.goBlind(at: now), &out)
    }

    mutating func state(_ state: BridgeState, at now: Instant, _ out: inout Sender) {
        let message = Message(stateOf: own, state.payload, topics)
        stated = message
        out.publish(message)
        duty.state(at: now)
    }

    mutating func leave(_ version: ProtocolVersion, _ out: inout Sender) {
        guard duty.isServing else {
            // Whatever its topic says is another process's word.
            return out.order(.disconnect(.success))
        }
        if version == .v5 {
            // The will says it: a publish would have to wait behind others in the library.
            return out.order(.disconnect(.disconnectWithWill))
        }
        // With QoS 0, for the library sends no more of QoS 1 than the broker acknowledges.
        var message = Message(stateOf: own, BridgeState.offline, topics)
        message.qos = 0
        out.publishAhead(message)
        out.order(.disconnect(.success))
    }

    // MARK: - What comes

    mutating func take(_ message: Message, at now: Instant, _ out: inout Sender) -> Outcome {
        if message.topic == probes.retained {
            if message.retain { retainedCheck.find() }
            return .goesOn
        }
        guard let (bridge, isDuty) = topics.bridge(of: message.topic) else { return .goesOn }
        guard isDuty else {
            let started = BridgeState(reading: message.payload)?.started
            let actions = duty.hearState(of: bridge, started: started, at: now)
            return follow(actions, &out)
        }
        // What is retained was said to nobody who listens now.
        guard !message.retain, let word = DutyMessage(reading: message.payload, of: bridge) else {
            return .goesOn
        }
        if word.process.nonce == process.nonce { return .heardOwnQuestion }
        return follow(duty.hear(word, at: now), &out)
    }

    mutating func hearOwnQuestion(at now: Instant, _ out: inout Sender) -> Outcome {
        guard duty.phase == .looking else { return .goesOn }
        let end = retainedCheck.end()
        if end != .lookOn {
            // Nothing of it is left behind.
            out.publish(Message(topic: probes.retained, payload: "", retain: true))
        }
        switch end {
        case .sound: return follow(duty.hearEcho(at: now), &out)
        case .lookOn: return .goesOn
        case .unfit: return .isUnfit
        }
    }

    private mutating func follow(_ actions: [Duty.Action], _ out: inout Sender) -> Outcome {
        var outcome = Outcome.goesOn
        for action in actions {
            switch action {
            case .say(let word, let since): say(word, since: since, &out)
            case .serve: outcome = .serves
            case .giveWay: outcome = .givesWay
            case .retire(let bridge):
                out.publish(Message(stateOf: bridge, BridgeState.offline, topics))
            case .restate:
                if let stated { out.publish(stated) }
            case .note(let note):
                let (level, line) = note.line(prefix: topics.prefix, own: own)
                out.log(level, line)
                if case .standsBy = note { outcome = .standsBy }
            }
        }
        return outcome
    }

    /// Says something to the other processes.
    ///
    /// An answer must not wait behind all that is to be published. A question has its place in the
    /// order: it comes back behind what is retained.
    private mutating func say(_ word: DutyMessage.Word, since: Int64, _ out: inout Sender) {
        var message = Message(
            topic: questions,
            payload: DutyMessage(word, process, since: since).payload
        )
        guard word == .asking else { return out.publishAhead(message) }
        if duty.phase == .looking, let look = retainedCheck.look {
            retainedCheck.begin()
            let filter = look == .exact ? probes.retained : probes.everyRetained
            out.subscribe([filter], .bridge)
        }
        // Its PUBACK says whether that is allowed.
        message.qos = 1
        out.publish(message)
    }
}
