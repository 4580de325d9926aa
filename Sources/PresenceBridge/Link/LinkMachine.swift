import Logging
import Mosquitto
import Presence
import PresenceCore

/// The bridge's link to its broker, over as many connections as it takes, as a value: what happens to
/// the transport and what the core has decided go in, orders come out.
///
/// It decides when the broker is called and when a connection is given up; what is done over one that
/// stands is the ``Session``'s.
///
///     resting ──pause is over──▶ connecting ──CONNACK──▶ connected
///        ▲                            │                      │
///        └──────────── refused, no answer, closed ───────────┘
struct LinkMachine {
    enum Phase: Equatable {
        /// There is no connection until a time, in milliseconds of uptime.
        case resting(until: Int64)
        case connecting(since: Int64)
        case connected
    }

    /// How long the broker may take to answer a call, in milliseconds.
    private static let patience: Int64 = 10_000
    private static let doubt = """
        the database does not answer, and another bridge may have taken the store during a pause: connecting to \
        the broker anew, to ask the bridges there
        """
    /// Time between two signs of life, in milliseconds.
    private static let tick: Int64 = 1_000

    private(set) var phase = Phase.resting(until: 0)
    private let topics: Topics
    private var settings: Settings
    private var calls: Calls
    private var session: Session
    private var listing: Listing
    /// Until when what was decided still goes out before the end, in milliseconds of uptime.
    private var leavesBy: Int64?
    private var hasDisconnected = false
    private var ticked: Int64 = 0

    /// A link that has called nobody yet.
    ///
    /// - Parameters:
    ///   - started: When the process started.
    ///   - second: The Unix second of it that the bridge's state shows.
    ///   - term: Under which term the process owns a store that bridges share; 0 with a store of its own.
    init(
        _ settings: Settings,
        random: any RandomNumberGenerator,
        started: Instant,
        second: Int64,
        term: StoreTerm = StoreTerm()
    ) {
        let bridge = settings.broker.bridgeID
        self.settings = settings
        topics = Topics(prefix: settings.topicPrefix)
        listing = Listing(topics)
        calls = Calls(settings.broker, started: started, random: random)
        let process = BridgeProcessID(
            bridge: bridge,
            nonce: calls.letters(),
            started: second,
            term: term
        )
        let probes = ProbeTopics(topics, bridge, nonce: calls.nonce())
        let greeting = Greeting(probes: probes)
        session = Session(settings, topics, process, greeting, started: started.unix)
    }

    var hasOrders: Bool { session.out.hasOrders }
    var queues: QueueLengths {
        QueueLengths(
            waiting: session.out.waiting.all,
            answers: session.out.waiting.answers,
            onTheirWay: session.out.onTheirWay
        )
    }

    mutating func takeOrders() -> [LinkOrder] { session.out.takeOrders() }

    /// Takes the orders in exchange for an array that is empty, and has room perhaps.
    mutating func takeOrders(into taken: inout [LinkOrder]) { session.out.takeOrders(into: &taken) }

    mutating func change(_ settings: Settings) {
        self.settings = settings
        session.change(settings)
    }

    var isConnected: Bool { phase == .connected }
    var standsBy: Bool { isConnected && session.standsBy }
    /// Whether a store that bridges share has said lately that it is this one's.
    var isConfirmed: Bool {
        get { session.isConfirmed }
        set { session.isConfirmed = newValue }
    }

    var readLimit: Int {
        session.isReadingAll ? LinkBounds.packetsPerReadingTurn : LinkBounds.packetsPerTurn
    }

    var nextStep: Int64 {
        switch phase {
        case .resting(let until): until
        case .connecting(let since): since + Self.patience + 1
        case .connected:
            min(ticked + Self.tick, session.nextStep ?? .max, listing.nextStep ?? .max)
        }
    }

    mutating func step(at now: Instant) {
        switch phase {
        case .resting(let until):
            guard now.uptime >= until, leavesBy == nil else { return }
            ticked = now.uptime
            phase = .connecting(since: now.uptime)
            session.out.order(.call(calls.options(topics)))
        case .connecting(let since):
            if now.uptime - since > Self.patience { rest(for: .unanswered, at: now) }
        case .connected:
            follow(session.step(at: now), at: now)
            listing.step(at: now.uptime, &session.out)
            guard isConnected, now.uptime - ticked >= Self.tick else { return }
            ticked = now.uptime
            session.out.order(.keepAlive)
            follow(session.tick(), at: now)
        }
    }

    mutating func handle(_ input: LinkInput, at now: Instant) {
        switch input {
        case .happened(.connected(let acknowledgement)): greet(acknowledgement, at: now)
        case .happened(.refused(let refusal)): rest(for: .refused(refusal), at: now)
        case .happened(.closed(let closure)): close(closure, at: now)
        case .notCalled(let error): rest(for: .notCalled(error), at: now)
        case .decided(.read(let id, .names)) where isConnected: list(id, at: now)
        case .decided, .counted:
            // What was decided for a connection that was given up meanwhile is not for the next one.
            if isConnected { follow(session.handle(input, at: now), at: now) }
        case .happened, .sent, .notSent: follow(session.handle(input, at: now), at: now)
        case .side(let input): listing.handle(input, at: now.uptime, &session.out)
        }
    }

    /// Lists the device topics, where that gets further than to read everything again.
    private mutating func list(_ id: ReadingID, at now: Instant) {
        guard calls.version == .v5, session.isLikeMosquitto else {
            return Listing.refuse(id, &session.out)
        }
        listing.begin(id, calls.optionsBeside(), at: now.uptime, &session.out)
    }

    private mutating func greet(_ acknowledgement: Acknowledgement, at now: Instant) {
        guard case .connecting = phase else { return }
        phase = .connected
        calls.stand()
        let isNewer = calls.version == .v5
        let name = isNewer ? "MQTT 5" : "MQTT 3.1.1"
        session.out.log(.notice, "connected to the broker at \(address) with \(name)")
        if !isNewer {
            let isWanted = settings.broker.version == .older
            session.out.log(.warning, VersionChoice.warning(isWanted: isWanted))
        }
        let greeting = Greeting(
            acknowledgement: acknowledgement,
            version: calls.version,
            clientID: calls.clientID,
            connectionID: calls.connectionID,
            probes: ProbeTopics(topics, settings.broker.bridgeID, nonce: calls.nonce())
        )
        session.begin(greeting, at: now)
    }

    private mutating func close(_ closure: Closure, at now: Instant) {
        guard isConnected else { return rest(for: .hungUp(closure), at: now) }
        if case .protocolViolation = closure { session.learnFromViolation() }
        rest(for: .closed(closure, hasServed: session.hasServed), at: now)
        session.out.tell(.brokerLost)
    }

    private mutating func follow(_ outcome: Session.Outcome, at now: Instant) {
        switch outcome {
        case .goesOn: break
        case .settled: calls.settle()
        case .over(let complaint): giveUp(complaint, at: now)
        }
    }

    /// Calls the broker anew, if a connection stands: nothing is told before it is known who serves.
    mutating func askAnew(at now: Instant) {
        guard isConnected else { return }
        session.out.log(.warning, Self.doubt)
        giveUp(nil, at: now)
    }

    private mutating func giveUp(_ complaint: String?, at now: Instant) {
        rest(for: .givenUp(complaint), at: now)
        session.out.tell(.brokerLost)
    }

    private mutating func rest(for cause: Calls.Cause, at now: Instant) {
        let (pause, complaint) = calls.rest(for: cause, at: now.uptime)
        if let complaint {
            let words = "no connection to the broker at \(address): \(complaint); trying again"
            session.out.log(.error, words)
        }
        phase = .resting(until: now.uptime + pause)
        session.end()
        listing.end(&session.out)
        session.out.order(.hangUp)
    }

    private var address: String {
        let broker = settings.broker
        return broker.isUnixSocket ? broker.host : "\(broker.host):\(broker.port)"
    }

    // MARK: - Sending

    mutating func reportLoad() { session.reportLoad() }

    mutating func pump() {
        if isConnected { session.out.pump() }
    }

    mutating func canPump(_ transport: TransportState) -> Bool {
        isConnected && session.out.canPump(transport)
    }

    // MARK: - The end

    /// Prepares the end: no more calls are made, and what was decided goes out until a time, in
    /// milliseconds of uptime.
    mutating func leave(by uptime: Int64) { leavesBy = uptime }

    /// Says that the bridge is away, and disconnects, as soon as all is sent or time is up.
    mutating func leaveIfDone(_ transport: TransportState, at now: Instant) {
        guard isConnected, !hasDisconnected, let leavesBy else { return }
        let isDone = session.out.isIdle && transport.unacknowledged == 0
        guard isDone || now.uptime >= leavesBy else { return }
        hasDisconnected = true
        session.leave()
    }

    /// Whether there is nobody to say anything to: no connection stands, or the last word is sent.
    func hasLeft(_ transport: TransportState) -> Bool { !isConnected || !transport.isConnected }
}
