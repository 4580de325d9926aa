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
    fileprivate static let sendMaximum = 100
    /// How long the broker may take to answer a call, in milliseconds.
    private static let patience: Int64 = 10_000

    let topics: Topics
    var settings: Settings
    var log: Logger

    var state = State.resting(until: 0)
    var version = ProtocolVersion.v5
    var acknowledgement = Acknowledgement()
    var outbound = Outbound()
    var inFlight = InFlight()
    var readings = OpenReadings()
    var probes: ProbeTopics
    /// The rights that are being tried, and until when something must come back.
    var tried: [Right: (topic: String, until: Int64)] = [:]
    /// What passes events on in the broker.
    var plugin = BrokerPlugin()
    /// Where the plugin answers.
    let pluginTopic: String
    /// Whether this connection has begun to take requests.
    var hasServed = false
    /// With MQTT 3.1.1: the topics that were emptied, and how many echoes are still to come.
    var ownClears: [String: Int] = [:]
    var isCongested = false
    /// How many messages the broker said that it has dropped.
    var dropped: Int64?
    /// Until when what was decided goes out before the bridge ends, in milliseconds of uptime, and
    /// whether the last word is said; `nil` while it is not to end.
    var farewell: (until: Int64, isSaid: Bool)?
    /// Another process has connected with this client id.
    var isTakenOver = false
    /// The topic that says which process serves under this client id.
    ///
    /// A broker that throws one of two off need not say why: mosquitto 2.0 does not. So each
    /// writes its mark when it comes, and one that finds a later one when it comes back is the older.
    let claimTopic: String
    /// What tells this process from another with the same client id: when it started, in Unix milliseconds.
    let mark: Int64
    /// Whether the broker has acknowledged the mark: this process was here before.
    private(set) var hasClaimed = false

    private let dial: Dial
    private var random: any RandomNumberGenerator
    private var redial: Redial
    private var lastComplaint: String?
    private var complaintsOfRights: Set<Right> = []
    private var silentFailures = 0
    private var lastTick: Int64 = 0

    init(
        _ settings: Settings,
        dial: @escaping Dial,
        random: any RandomNumberGenerator,
        started: Instant,
        log: Logger
    ) {
        mark = started.unix
        redial = Redial(at: started.uptime)
        self.dial = dial
        self.random = random
        self.settings = settings
        self.log = log
        topics = Topics(prefix: settings.topicPrefix)
        pluginTopic = topics.plugin(settings.broker.clientID)
        claimTopic = topics.metric(settings.broker.clientID, "started")
        probes = ProbeTopics(topics, nonce: self.random.next())
    }

    var bridgeID: String { settings.broker.clientID }

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
        case .connected: lastTick + 1_000
        }
    }

    /// Does what is due: calls the broker, gives up one that does not answer, keeps alive.
    func step(at now: Instant, _ inputs: inout [Input]) {
        switch state {
        case .resting(let until):
            if now.uptime >= until, farewell == nil { call(at: now) }
        case .connecting(_, let since):
            if now.uptime - since > Self.patience {
                rest("the broker at \(address) does not answer", at: now)
            }
        case .connected(let connection):
            checkRights(at: now, &inputs)
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

    /// Reads what has come, a bounded part of it; returns whether there may be more.
    func receive(at now: Instant, _ inputs: inout [Input]) -> Bool {
        guard let connection else { return false }
        let isMore = connection.read(limit: Self.packetsPerTurn)
        for event in connection.takeEvents() {
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
            greet(&inputs)
        case .refused(let refusal):
            if refusal == .unsupportedProtocolVersion, version == .v5 {
                fallBack(at: now)
            } else {
                rest("\(refusal)\(advice(on: refusal))", at: now)
            }
        case .message(let message):
            inFlight.hear(message)
            receive(message, at: now, &inputs)
        case .published(let packet, let reason):
            guard let message = inFlight.acknowledge(packet) else { return }
            acknowledge(message, reason, at: now)
        case .subscribed(_, let granted):
            if let failure = granted.first(where: \.isFailure) {
                log.error("the broker refused a subscription: \(failure)")
            }
        case .unsubscribed: break
        case .closed(let closure): close(closure, at: now, &inputs)
        }
    }

    private func acknowledge(_ message: Message, _ reason: ReasonCode, at now: Instant) {
        let topic = message.topic
        if topic == ControlMessage.topic {
            acknowledgePlugin(message.payload, reason)
        } else if reason == .notAuthorized, let right = Right(topic: topic, topics) {
            doubt(right, at: topic, now)
        } else if reason.isFailure {
            log.error("the broker did not take a publish to \(topic): \(reason)")
        } else if topic == claimTopic {
            hasClaimed = true
        }
    }

    private func close(_ closure: Closure, at now: Instant, _ inputs: inout [Input]) {
        guard isConnected else {
            if closure.mayBeForVersion { silentFailures += 1 }
            if silentFailures >= 3, version == .v5 {
                fallBack(at: now)
            } else {
                rest("\(closure)", isAbsent: closure.isAbsence, at: now)
            }
            return
        }
        if hasServed { redial.lose(at: now.uptime) }
        isTakenOver = closure == .byServer(.sessionTakenOver)
        rest(closure == .byUs ? nil : "\(closure)", at: now)
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
            let connection = try dial(ConnectionOptions(settings, topics, version))
            state = .connecting(connection, since: now.uptime)
            try connection.connect()
        } catch {
            rest("\(error)", at: now)
        }
    }

    private func greet(_ inputs: inout [Input]) {
        guard case .connecting(let connection, _) = state else { return }
        state = .connected(connection)
        silentFailures = 0
        lastComplaint = nil
        probes = ProbeTopics(topics, nonce: random.next())
        tried = [:]
        dropped = nil
        hasServed = false
        let name = version == .v5 ? "MQTT 5" : "MQTT 3.1.1"
        log.notice("connected to the broker at \(address) with \(name)")
        if version == .v311 { warnOfVersion() }
        if !acknowledgement.retainAvailable {
            log.error("the broker keeps no retained messages: presence cannot work with it")
        }
        askForPlugin()
        inputs.append(.brokerFound)
    }

    private func warnOfVersion() {
        log.warning(
            """
            the broker does not speak MQTT 5, going on with MQTT 3.1.1: without Response Topic and \
            Correlation Data, without the expiry of events, without reason codes for missing \
            rights; statements and requests cannot be told from retained ones when they come live, \
            so devices must retain what they state
            """
        )
    }

    /// Tries MQTT 3.1.1 once.
    private func fallBack(at now: Instant) {
        rest(nil, at: now)
        version = .v311
    }

    /// Ends the connection, and says why once.
    ///
    /// - Parameter isAbsent: Whether nobody was there to answer.
    func rest(_ complaint: String?, isAbsent: Bool = false, at now: Instant) {
        if let complaint, complaint != lastComplaint {
            lastComplaint = complaint
            log.error("no connection to the broker at \(address): \(complaint); trying again")
        }
        // Whether it stood or not, after MQTT 3.1.1 it is MQTT 5 again: the broker may be a newer
        // one, or was never asked.
        if version == .v311 {
            version = .v5
            silentFailures = 0
        }
        let pause = redial.pause(isAbsent: isAbsent, at: now.uptime, using: &random)
        state = .resting(until: now.uptime + (complaint == nil ? 0 : pause))
        outbound.removeAll()
        inFlight.removeAll()
        readings.removeAll()
        ownClears.removeAll()
        tried.removeAll()
    }

    /// The connection serves: the next failure is a first one.
    func settle() { redial.serve() }

    private func advice(on refusal: ConnectionRefusal) -> String {
        switch refusal {
        case .badCredentials, .notAuthorized: " (\(settings.broker.loginAdvice))"
        default: ""
        }
    }

    /// Says once, until it is mended, that a right is missing.
    func complain(of right: Right) {
        tried[right] = nil
        if complaintsOfRights.insert(right).inserted {
            log.error("\(right.complaint(topics))")
        }
    }

    /// A right was proved.
    func confirm(_ right: Right) {
        // With every message of some kinds: mostly there is nothing to note.
        guard tried[right] != nil || !complaintsOfRights.isEmpty else { return }
        tried[right] = nil
        complaintsOfRights.remove(right)
    }
}

extension Closure {
    /// Whether a connection that never stood may have ended so because of the version of MQTT: a
    /// broker that does not know MQTT 5 hangs up, or answers what makes no sense in it.
    var mayBeForVersion: Bool {
        switch self {
        case .lost, .protocolViolation: true
        case .byUs, .byServer, .keepAliveTimeout, .hostNotFound, .unreachable, .tls: false
        }
    }

    /// Whether a connection that never stood shows that no broker is there: nobody listens, or what
    /// stands before it hangs up.
    var isAbsence: Bool {
        switch self {
        case .unreachable, .lost: true
        case .byUs, .byServer, .keepAliveTimeout, .hostNotFound, .tls, .protocolViolation: false
        }
    }
}

extension ConnectionOptions {
    /// The bridge's connection, with the will that says that it is away.
    fileprivate init(_ settings: Settings, _ topics: Topics, _ version: ProtocolVersion) {
        let broker = settings.broker
        self.init(
            clientID: broker.clientID,
            host: broker.host,
            port: UInt16(clamping: broker.port)
        )
        username = broker.username
        password = broker.password
        keepAlive = UInt16(clamping: broker.keepAlive.milliseconds / 1_000)
        protocolVersion = version
        will = Message(
            topic: topics.bridge(broker.clientID),
            payload: BridgeState.offline,
            qos: 1,
            retain: true
        )
        sendMaximum = UInt16(Link.sendMaximum)
        guard broker.tls.isOn else { return }
        var tls = TLSOptions(certificateAuthorityFile: broker.tls.cafile)
        tls.certificateFile = broker.tls.certfile
        tls.keyFile = broker.tls.keyfile
        tls.acceptsAnyHostName = broker.tls.insecure
        self.tls = tls
    }
}
