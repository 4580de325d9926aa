import Logging
import Mosquitto
import Presence
import PresenceCore

/// The bridge's link to its broker, over as many connections as it takes.
///
/// It turns what comes into the core's inputs and the core's effects into publishes; a connection
/// that ends is followed by another, with a new handle each time.
///
///     resting ──pause is over──▶ connecting ──CONNACK──▶ connected
///        ▲                            │                      │
///        └──────────── refused, no answer, closed ───────────┘
final class Link {
    enum State {
        /// There is no connection until a time, in milliseconds of uptime.
        case resting(until: Int64)
        /// The broker was called at a time.
        case connecting(any Transport, since: Int64)
        /// The broker has answered.
        case connected(any Transport)
    }

    /// How many publishes of QoS 1 and 2 may be unacknowledged, if the broker takes as many.
    static let sendMaximum = 100
    /// How many different complaints are said until a call is answered.
    private static let mostComplaints = 100
    /// How long the broker may take to answer a call, in milliseconds.
    private static let patience: Int64 = 10_000

    let topics: Topics
    var settings: Settings
    var log: Logger

    var state = State.resting(until: 0)
    private var versions: VersionChoice
    var acknowledgement = Acknowledgement()
    var outbound = Outbound()
    var inFlight = InFlight()
    var readings = OpenReadings()
    var probes: ProbeTopics
    /// The trial of the bridge's rights.
    var rights = RightsTrial()
    /// The filters of each SUBSCRIBE that is not answered.
    var subscribing: [Int32: [String]] = [:]
    /// What the broker does not do and the bridge can do without, each said once.
    var remarks: Set<String> = []
    /// Whether retained messages come by wildcards.
    var retainedCheck = RetainedCheck()
    /// Whether the broker limits what a reading brings.
    var limitCheck = LimitCheck()
    /// Whether the broker lacks what presence cannot do without: it is not served then.
    var isUnfit = false
    /// Whether the broker's uptime has come on this connection.
    var knowsUptime = false
    /// What passes events on in the broker.
    var plugin = BrokerPlugin()
    /// Where the plugin answers: below the client id, to this client alone.
    var pluginTopic: String { topics.plugin(clientID) }
    /// Whether this connection has begun to take requests.
    var hasServed = false
    /// With MQTT 3.1.1: the topics that were emptied, and how many echoes are still to come.
    var ownClears: [String: Int] = [:]
    /// How long a payload the broker takes.
    var measure = PayloadMeasure()
    /// Whether only that keeps the bridge from serving.
    var waitsForMeasure = false
    /// Of which kinds of topics it was said that something was too long for the broker.
    var complaintsOfLength: Set<Right?> = []
    /// The limit that was warned of last.
    var warnedOf: PacketLimit?
    var isCongested = false
    /// How many messages the broker said that it has dropped.
    var dropped: Int64?
    /// Until when what was decided goes out before the bridge ends, in milliseconds of uptime, and
    /// whether the last word is said; `nil` while it is not to end.
    var farewell: (until: Int64, isSaid: Bool)?
    /// This process, as the other bridges of the prefix know it.
    let process: BridgeProcessID
    /// Whether this process serves, or another one.
    var duty: Duty
    /// What the bridge has retained of itself on this connection, once it has.
    var stated: Message?
    /// When this process started, in Unix milliseconds.
    let started: Int64
    /// The client id: known to nobody else, since whoever knows it can throw the connection off.
    private(set) var clientID: String

    private let dial: Dial
    private var random: any RandomNumberGenerator
    private var redial: Redial
    /// Why calls have failed, each said once until one is answered.
    private var complaints: Set<String> = []
    private var lastTick: Int64 = 0

    /// A link that has called nobody yet.
    ///
    /// - Parameters:
    ///   - started: When the process started.
    ///   - second: The Unix second of it that the bridge's state shows.
    init(
        _ settings: Settings,
        dial: @escaping Dial,
        random: any RandomNumberGenerator,
        started: Instant,
        second: Int64,
        log: Logger
    ) {
        self.started = started.unix
        redial = Redial(at: started.uptime)
        self.dial = dial
        self.random = random
        self.settings = settings
        self.log = log
        versions = VersionChoice(settings.broker.version)
        topics = Topics(prefix: settings.topicPrefix)
        let bridge = settings.broker.bridgeID
        clientID = ClientID.random(for: bridge, using: &self.random)
        process = BridgeProcessID(
            bridge: bridge,
            nonce: ClientID.letters(using: &self.random),
            started: second
        )
        duty = Duty(process)
        probes = ProbeTopics(topics, bridge, nonce: self.random.next())
    }

    var version: ProtocolVersion { versions.current }

    var bridgeID: String { settings.broker.bridgeID }

    var connection: (any Transport)? {
        switch state {
        case .resting: nil
        case .connecting(let connection, _), .connected(let connection): connection
        }
    }

    /// How many publishes may be on their way at once: no more than the library sends at once.
    ///
    /// What it would keep back, of QoS 1 and 2, would be overtaken by what is of QoS 0.
    var window: Int { max(1, min(Self.sendMaximum, Int(acknowledgement.receiveMaximum ?? .max))) }

    /// Whether the library could take more at once: what fills the window was of QoS 0 and is
    /// written, and nothing will come back for it.
    var canPump: Bool {
        guard let next = outbound.first, maySend(next), let connection, connection.isConnected
        else { return false }
        return !connection.wantsWrite && connection.unacknowledged < window
    }

    /// Whether there is nobody to say anything to: no connection stands, or the last word is sent.
    var hasLeft: Bool { !isConnected || connection?.isConnected == false }

    /// Whether the broker has answered and the connection stands.
    var isConnected: Bool {
        if case .connected = state { true } else { false }
    }

    /// When something is to be done even if nothing comes, in milliseconds of uptime.
    var nextStep: Int64 {
        switch state {
        case .resting(let until): until
        case .connecting(_, let since): since + Self.patience + 1
        case .connected:
            min(lastTick + 1_000, duty.nextStep ?? .max, readings.nextMark ?? .max)
        }
    }

    /// Does what is due: calls the broker, gives up one that does not answer, keeps alive.
    func step(at now: Instant, _ inputs: inout [Input]) {
        switch state {
        case .resting(let until):
            if now.uptime >= until, farewell == nil { call(at: now) }
        case .connecting(_, let since):
            if now.uptime - since > Self.patience {
                fail(.unanswered, "it does not answer", at: now)
            }
        case .connected(let connection):
            checkRights(at: now, &inputs)
            if isConnected, !isUnfit { perform(duty.step(at: now), at: now, &inputs) }
            if isConnected { markAgain(at: now) }
            if isConnected, now.uptime - lastTick >= 1_000 {
                lastTick = now.uptime
                connection.tick()
                inFlight.tick()
                plugin.tick()
                giveUpIfUnacknowledged(at: now, &inputs)
            }
        }
    }

    /// The most packets that one turn reads: it is over within some tens of milliseconds, and while
    /// the broker passes on what it decided, the next one decides.
    private static let packetsPerTurn = 1_024
    /// As long as everything is read: the broker writes all of it at one go, and drops what its queue
    /// does not hold, so that reading comes before deciding.
    private static let packetsPerReadingTurn = 20_000

    /// Reads what has come, a bounded part of it; returns whether there may be more.
    func receive(at now: Instant, _ inputs: inout [Input]) -> Bool {
        guard let connection else { return false }
        let limit = readings.isFull ? Self.packetsPerReadingTurn : Self.packetsPerTurn
        let isMore = connection.read(limit: limit)
        for event in connection.takeEvents() {
            // One that was given up meanwhile has no more to say.
            guard self.connection === connection else { break }
            take(event, at: now, &inputs)
        }
        return isMore
    }

    /// Calls the broker anew when it talks, but has not acknowledged what it was sent long before.
    ///
    /// mosquitto drops acknowledgements, too, once it drops: what they were for would take up the
    /// window, here and in the library, for as long as the connection stands.
    private func giveUpIfUnacknowledged(at now: Instant, _ inputs: inout [Input]) {
        guard inFlight.hasLost else { return }
        rest("it has not acknowledged what it was sent", at: now)
        inputs.append(.brokerLost)
    }

    private func take(_ event: Event, at now: Instant, _ inputs: inout [Input]) {
        switch event {
        case .connected(let acknowledgement):
            self.acknowledgement = acknowledgement
            greet(at: now, &inputs)
        case .refused(let refusal):
            let isForVersion = refusal == .unsupportedProtocolVersion
            fail(isForVersion ? .refused : .other, failure.words(refusal), at: now)
        case .message(let message):
            inFlight.hear(message)
            receive(message, at: now, &inputs)
        case .published(let packet, let reason):
            guard let message = inFlight.acknowledge(packet) else { return }
            acknowledge(message, reason, at: now, &inputs)
        case .subscribed(let packet, let granted):
            let filters = subscribing.removeValue(forKey: packet) ?? []
            for (filter, code) in zip(filters, granted) where code.isFailure {
                takeRefusal(of: filter, code, at: now, &inputs)
            }
        case .unsubscribed: break
        case .closed(let closure): close(closure, at: now, &inputs)
        }
    }

    private func acknowledge(
        _ message: Message,
        _ reason: ReasonCode,
        at now: Instant,
        _ inputs: inout [Input]
    ) {
        let topic = message.topic
        if isMeasured(message, reason, &inputs) { return }
        if topic == ControlMessage.topic {
            acknowledgePlugin(message.payload, reason)
        } else if reason == .notAuthorized, let right = Right(topic: topic, topics) {
            doubt(right, at: topic, now, &inputs)
        } else if reason == .packetTooLarge {
            learnLength(from: message, &inputs)
        } else if reason.isFailure {
            log.error("the broker did not take a publish to \(topic): \(reason)")
        } else if let right = probes.right(triedBy: topic), !right.isRead {
            confirm(right)
        }
    }

    private func close(_ closure: Closure, at now: Instant, _ inputs: inout [Input]) {
        guard isConnected else {
            return fail(
                closure.versionFailure,
                failure.words(closure),
                isAbsent: closure.isAbsence,
                at: now
            )
        }
        if hasServed { redial.lose(at: now.uptime) }
        if case .protocolViolation = closure { measure.end(sending: inFlight.longestPayload) }
        var words = closure == .byUs ? nil : "\(closure)"
        if closure == .byServer(.sessionTakenOver) {
            // Whoever it was cannot know the next one.
            clientID = ClientID.random(for: bridgeID, using: &random)
            words = "\(closure): somebody else had this bridge's client id, so it takes a new one"
        }
        rest(words, at: now)
        inputs.append(.brokerLost)
    }

    // MARK: - Coming and going

    private var address: String {
        settings.broker.isUnixSocket
            ? settings.broker.host : "\(settings.broker.host):\(settings.broker.port)"
    }

    private func call(at now: Instant) {
        lastTick = now.uptime
        do throws(MosquittoError) {
            let connection = try dial(ConnectionOptions(settings, clientID, topics, version))
            state = .connecting(connection, since: now.uptime)
            try connection.connect()
        } catch {
            rest("\(error)", at: now)
        }
    }

    private func greet(at now: Instant, _ inputs: inout [Input]) {
        guard case .connecting(let connection, _) = state else { return }
        state = .connected(connection)
        versions.stand()
        complaints = []
        probes = ProbeTopics(topics, bridgeID, nonce: random.next())
        rights.begin()
        (retainedCheck, limitCheck) = (RetainedCheck(), LimitCheck())
        (isUnfit, knowsUptime) = (false, false)
        dropped = nil
        hasServed = false
        let name = version == .v5 ? "MQTT 5" : "MQTT 3.1.1"
        log.notice("connected to the broker at \(address) with \(name)")
        if version == .v311 { warnOfVersion() }
        if !acknowledgement.retainAvailable { despair("keeps no retained messages") }
        if !acknowledgement.wildcardSubscriptionAvailable {
            despair("takes no subscriptions with wildcards")
        }
        guard !isUnfit else { return }
        askForPlugin()
        measurePayloads()
        tryRights(at: now)
        seekDuty(at: now, &inputs)
    }

    private func warnOfVersion() {
        log.warning(
            """
            \(settings.broker.version == .older ? "" : "the broker does not speak MQTT 5, ")going \
            on with MQTT 3.1.1: without Response Topic and \
            Correlation Data, without the expiry of events, without reason codes for missing \
            rights; statements and requests cannot be told from retained ones when they come live, \
            so devices must retain what they state
            """
        )
    }

    private var failure: CallFailure { CallFailure(broker: settings.broker) }

    /// A call has come to nothing.
    private func fail(
        _ failure: VersionChoice.Failure,
        _ words: String,
        isAbsent: Bool = false,
        at now: Instant
    ) {
        switch versions.fail(failure) {
        case .again: rest(words, isAbsent: isAbsent, at: now)
        case .older: rest(nil, at: now)
        case .neither:
            rest("neither with MQTT 5 nor with MQTT 3.1.1: \(words)", isAbsent: isAbsent, at: now)
        }
    }

    /// Ends the connection, and says why once.
    ///
    /// - Parameter isAbsent: Whether nobody was there to answer.
    func rest(_ complaint: String?, isAbsent: Bool = false, at now: Instant) {
        if let complaint, complaints.count < Self.mostComplaints,
            complaints.insert(complaint).inserted
        {
            log.error("no connection to the broker at \(address): \(complaint); trying again")
        }
        if isConnected { versions.end() }
        let pause = redial.pause(isAbsent: isAbsent, at: now.uptime, using: &random)
        state = .resting(until: now.uptime + (complaint == nil ? 0 : pause))
        outbound.removeAll()
        inFlight.removeAll()
        readings.removeAll()
        ownClears.removeAll()
        subscribing.removeAll()
        rights.begin()
        duty.disconnect()
        stated = nil
    }

    /// The connection serves: the next failure is a first one.
    func settle() { redial.serve() }
}
