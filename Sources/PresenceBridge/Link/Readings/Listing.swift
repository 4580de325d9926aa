import Logging
import Mosquitto
import Presence
import PresenceCore

/// Lists the device topics on which something is retained, where the broker's queue for one client is
/// too short for all of it.
///
/// mosquitto writes at one go what a SUBSCRIBE finds retained, always in the same order, and drops what
/// its queue does not hold (`max_queued_messages`): each reading of everything gets equally far. With QoS 1
/// it keeps for the MQTT session what it has to deliver, whether it had to drop the packets or not, and a
/// connection that goes on with the session is sent all that was not acknowledged. So connections beside
/// the one that the bridge serves by follow one another, each gets further by as much as the queue holds,
/// and the one that brings nothing is the last.
///
///     idle ──begin──▶ calling ──CONNACK──▶ reading ──nothing came──▶ idle
///                        ▲                    │
///                        └─closed── leaving ◀─┘ something came
///
/// What comes of such a connection has no order with what the bridge hears by its own: it is good for the
/// names of topics alone, which are then asked for alone.
///
/// An UNSUBSCRIBE follows the SUBSCRIBE at once, so that the session gathers nothing new. Its UNSUBACK
/// comes behind all that was sent before, unless the broker drops it, too: so it is sent again and again,
/// until one is answered before which nothing else has come. Then the broker has all acknowledgements.
struct Listing {
    private enum Phase {
        case idle
        case calling
        case reading
        case leaving
    }

    /// How many topics can be listed: the broker keeps as many messages for a session as the client says
    /// by its Receive Maximum that it takes, and this is the largest one.
    static let most = 65_535
    /// For how many seconds the broker keeps the session from one connection to the next.
    static let sessionExpiry: UInt32 = 30
    /// After how long another UNSUBSCRIBE is sent, in milliseconds.
    private static let pause: Int64 = 20
    /// How long nothing may come before it is given up, in milliseconds.
    private static let patience: Int64 = 10_000
    /// How long it may take, in milliseconds.
    private static let longest: Int64 = 60_000

    private let topics: Topics
    private var phase = Phase.idle
    private var id: ReadingID = 0
    private var options = ConnectionOptions(clientID: "", host: "")
    private var began: Int64 = 0
    /// When something came last, in milliseconds of uptime.
    private var progressed: Int64 = 0
    /// When the last UNSUBSCRIBE was sent, in milliseconds of uptime, and as which packet.
    private var asked: Int64 = 0
    private var asking: Int32?
    /// How many connections there were.
    private var connections = 0
    /// How many messages have come, over all, by this connection, and since the last UNSUBSCRIBE.
    private var (count, countOfConnection, countOfQuestion) = (0, 0, 0)
    /// Whether a message of QoS 0 has come: the broker keeps none of those.
    private var hasUnkept = false

    init(_ topics: Topics) { self.topics = topics }

    // MARK: - Beginning and end

    /// Begins; the one that is under way is over, as one that was cut.
    ///
    /// - Parameter options: How the broker is called beside the connection that the bridge serves by, in
    ///   that one's name.
    mutating func begin(
        _ id: ReadingID,
        _ options: ConnectionOptions,
        at uptime: Int64,
        _ out: inout Sender
    ) {
        if isActive { giveUp("the device topics are to be listed anew", &out) }
        self = Listing(topics)
        self.id = id
        self.options = options
        self.options.clientID += "-names"
        self.options.receiveMaximum = UInt16(Self.most)
        self.options.sessionExpiry = Self.sessionExpiry
        (began, progressed) = (uptime, uptime)
        call(&out)
    }

    /// Says that this broker cannot do it.
    static func refuse(_ id: ReadingID, _ out: inout Sender) {
        out.tell(.readingCut(id))
        out.tell(.readingEnded(id))
    }

    /// The connection that the bridge serves by is over, and all readings with it.
    mutating func end(_ out: inout Sender) {
        guard isActive else { return }
        phase = .idle
        out.order(.side(.hangUp))
    }

    private var isActive: Bool { phase != .idle }

    private mutating func giveUp(_ cause: String, _ out: inout Sender) {
        out.log(.notice, "the device topics are not all listed: \(cause)")
        end(&out)
        Self.refuse(id, &out)
    }

    private mutating func finish(_ out: inout Sender) {
        if count >= Self.most {
            return giveUp("the broker keeps no more than \(Self.most) of them for a session", &out)
        }
        if hasUnkept, connections > 2 {
            return giveUp("some were retained with QoS 0, which the broker does not keep", &out)
        }
        end(&out)
        out.tell(.readingEnded(id))
    }

    // MARK: - Time

    /// When something is to be done, in milliseconds of uptime.
    var nextStep: Int64? {
        switch phase {
        case .idle: nil
        case .reading: asked + Self.pause
        case .calling, .leaving: progressed + Self.patience + 1
        }
    }

    mutating func step(at uptime: Int64, _ out: inout Sender) {
        guard isActive else { return }
        if uptime - progressed > Self.patience {
            return giveUp("the broker says nothing more", &out)
        }
        if uptime - began > Self.longest { return giveUp("it takes too long", &out) }
        if phase == .reading, uptime >= asked + Self.pause { ask(at: uptime, &out) }
    }

    // MARK: - The connections

    private mutating func call(_ out: inout Sender) {
        options.cleanStart = connections == 0
        connections += 1
        countOfConnection = 0
        asking = nil
        phase = .calling
        out.order(.side(.call(options)))
    }

    private mutating func ask(at uptime: Int64, _ out: inout Sender) {
        asked = uptime
        countOfQuestion = 0
        out.order(.side(.send(.unsubscribe([topics.everyDevice]))))
    }

    /// Something has happened to the connection beside.
    mutating func handle(_ input: LinkInput, at uptime: Int64, _ out: inout Sender) {
        guard isActive else { return }
        switch input {
        case .happened(let event): take(event, at: uptime, &out)
        case .sent(.unsubscribe, let packet): asking = packet
        case .notCalled(let error), .notSent(_, let error): giveUp("\(error)", &out)
        case .sent, .decided, .counted, .side: break
        }
    }

    private mutating func take(_ event: Event, at uptime: Int64, _ out: inout Sender) {
        progressed = uptime
        switch event {
        case .connected(let acknowledgement):
            if connections == 1 {
                out.order(.side(.send(.subscribe(Subscription(kept: [topics.everyDevice])))))
            } else if !acknowledgement.sessionPresent {
                return giveUp("the broker does not keep the session", &out)
            }
            phase = .reading
            ask(at: uptime, &out)
        case .message(let message): list(message, &out)
        case .subscribed(_, let granted):
            if let refusal = granted.first(where: \.isFailure) { giveUp("\(refusal)", &out) }
        case .unsubscribed(let packet):
            guard phase == .reading, packet == asking else { break }
            answer(at: uptime, &out)
        case .closed where phase == .leaving: call(&out)
        case .closed(let closure): giveUp("\(closure)", &out)
        case .refused(let refusal): giveUp("\(refusal)", &out)
        case .published: break
        }
    }

    private mutating func list(_ message: Message, _ out: inout Sender) {
        count += 1
        countOfConnection += 1
        countOfQuestion += 1
        if message.qos == 0 { hasUnkept = true }
        guard case .device(let user, let device) = topics.meaning(of: message.topic),
            !message.payload.isEmpty
        else { return }
        out.tell(.deviceListed(DeviceKey(user, device)))
    }

    /// The last UNSUBSCRIBE is answered.
    private mutating func answer(at uptime: Int64, _ out: inout Sender) {
        if countOfConnection == 0 { return finish(&out) }
        // What has come since it was sent is acknowledged behind it.
        if countOfQuestion > 0 { return ask(at: uptime, &out) }
        phase = .leaving
        out.order(.side(.disconnect(.success)))
    }
}
