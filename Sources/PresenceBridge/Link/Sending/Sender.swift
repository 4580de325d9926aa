import Logging
import Mosquitto
import Presence
import PresenceCore

/// What goes out over a connection: the parts of a session write here what they want done.
///
/// A publish waits until the window has room for it, and for the plugin in the broker where it must not
/// overtake; everything else is ordered at once.
struct Sender {
    private let topics: Topics
    private var orders: [LinkOrder] = []
    private var outbound = Outbound()
    private var inFlight = InFlight()
    private var plugin = BrokerPlugin()
    private var ownClears = OwnClears()
    private var remarks = Remarks()
    private var subscribing: [Int32: [String]] = [:]
    private var greeting: Greeting
    private var events: EventOptions
    /// How many publishes may be on their way at once.
    private var window = 1
    private var hasLeft = false
    /// Whether requests are refused, since too many answers wait.
    private var isFull = false

    init(_ topics: Topics, _ settings: Settings, _ greeting: Greeting) {
        self.topics = topics
        self.greeting = greeting
        events = EventOptions(settings, packet: nil)
    }

    var hasOrders: Bool { !orders.isEmpty }

    mutating func takeOrders() -> [LinkOrder] {
        var taken: [LinkOrder] = []
        takeOrders(into: &taken)
        return taken
    }

    /// Takes the orders in exchange for an array that is empty, and has room perhaps.
    mutating func takeOrders(into taken: inout [LinkOrder]) { swap(&taken, &orders) }

    // MARK: - What is wanted

    mutating func order(_ order: LinkOrder) { orders.append(order) }
    mutating func tell(_ input: Input) { orders.append(.tell(input)) }
    mutating func log(_ level: Logger.Level, _ line: String) { orders.append(.log(level, line)) }

    mutating func logOnce(_ level: Logger.Level, _ line: String) {
        if remarks.isNew(line) { log(level, line) }
    }

    mutating func publish(_ message: Message, isAnswer: Bool = false) {
        outbound.append(message, isAnswer: isAnswer)
        if outbound.load.count < window { pump() }
    }

    mutating func publishAhead(_ message: Message) { orders.append(.send(.publishAhead(message))) }

    mutating func subscribe(_ subscription: Subscription) {
        var subscription = subscription
        if !greeting.hasIdentifiers { subscription.identifier = nil }
        orders.append(.send(.subscribe(subscription)))
    }

    mutating func subscribe(_ filters: [String], _ lasting: Subscription.Lasting) {
        subscribe(Subscription(filters, lasting))
    }

    mutating func unsubscribe(_ filters: [String]) {
        for packet in filters.packets() {
            orders.append(.send(.unsubscribe(packet)))
        }
    }

    // MARK: - The connection

    /// A connection stands.
    ///
    /// No more publishes may be on their way than the library sends at once: what it would keep back, of
    /// QoS 1 and 2, would be overtaken by what is of QoS 0.
    mutating func begin(_ greeting: Greeting, _ settings: Settings) {
        self.greeting = greeting
        change(settings)
        let most = Int(greeting.acknowledgement.receiveMaximum ?? .max)
        window = max(1, min(LinkBounds.sendMaximum, most))
        hasLeft = false
        // Every broker with the plugin speaks MQTT 5. One of MQTT 3.1.1 can say that it does not allow a
        // topic by closing the connection alone.
        if plugin.connect(mayAsk: settings.broker.usesPlugin && greeting.version == .v5) {
            publishToPlugin(ControlMessage.question)
        } else if plugin.isGivenUp {
            log(.notice, "not asking for the plugin: connections have ended with the question open")
        }
    }

    mutating func change(_ settings: Settings) {
        events = EventOptions(settings, packet: greeting.acknowledgement.maximumPacketSize)
    }

    /// The connection is over: what waits was for it alone.
    mutating func end() {
        outbound.removeAll()
        inFlight = InFlight()
        ownClears = OwnClears()
        subscribing.removeAll()
        isFull = false
    }

    /// The bridge ends: what still waits is lost with the process.
    mutating func leave() {
        hasLeft = true
        outbound.removeAll()
    }

    var isIdle: Bool { outbound.load.count == 0 }
    /// How many publishes wait, and how many of them are answers.
    var waiting: (all: Int, answers: Int) { (outbound.load.count, outbound.answers.count) }
    /// How many publishes are on their way.
    var onTheirWay: Int { inFlight.count }

    /// The bytes of the longest payload that is on its way and will be acknowledged; 0 for none.
    var longestPayload: Int { inFlight.longestPayload }

    // MARK: - Publishing

    mutating func pump() {
        while !hasLeft, inFlight.count < window,
            let message = outbound.popFirst(if: plugin.maySend)
        {
            if BrokerPlugin.isFanOut(message) { plugin.send() }
            inFlight.order()
            orders.append(.send(.publish(message)))
        }
    }

    /// Whether the library could take more at once: what fills the window was of QoS 0 and is
    /// written, and nothing will come back for it.
    mutating func canPump(_ transport: TransportState) -> Bool {
        guard let next = outbound.first, plugin.maySend(next), transport.isConnected else {
            return false
        }
        return !transport.wantsWrite && transport.unacknowledged < window
    }

    /// Tells the core how far the broker keeps up.
    ///
    /// - Parameter hasRequests: Whether requests have come, so that it has to know how many more answers may
    ///   wait.
    mutating func reportLoad(hasRequests: Bool) {
        if hasRequests { tellAnswerRoom() }
        if let isCongested = outbound.takeCongestion() { tell(.brokerCongested(isCongested)) }
    }

    private mutating func tellAnswerRoom() {
        let waiting = outbound.answers
        let wasFull = isFull
        isFull = waiting.exceeds(wasFull ? LinkBounds.fewAnswers : LinkBounds.answers)
        if isFull, !wasFull {
            log(
                .error,
                """
                \(waiting.count) answers with \(waiting.bytes) bytes wait for the broker: requests are \
                refused until it has taken half of them
                """
            )
        } else if wasFull, !isFull {
            log(.notice, "the broker has taken the answers: requests are carried out again")
        }
        let most = LinkBounds.answers
        let room = AnswerRoom(
            answers: isFull ? 0 : most.count - waiting.count,
            bytes: isFull ? 0 : most.bytes - waiting.bytes,
            refusals: max(0, LinkBounds.refusals - waiting.count)
        )
        tell(.answersLimited(room))
    }

    // MARK: - What comes of it

    mutating func sent(_ packet: LinkPacket, as identifier: Int32) {
        switch packet {
        case .publish(let message):
            inFlight.begin(identifier, message)
            if greeting.version == .v311 { ownClears.note(message, topics) }
        case .subscribe(let subscription): subscribing[identifier] = subscription.filters
        case .publishAhead, .unsubscribe: break
        }
    }

    /// The library did not take something; returns the message that is too long, if it was for that.
    mutating func fail(_ packet: LinkPacket, _ error: MosquittoError) -> Message? {
        guard case .publish(let message) = packet else {
            log(.error, "cannot \(packet): \(error)")
            return nil
        }
        inFlight.fail()
        switch error {
        case .notConnected:
            // That the connection is over comes as an event.
            hasLeft = true
            return nil
        case .messageTooLarge:
            pump()
            return message
        case .invalidOption, .invalidTopic, .invalidProperty, .tooManyUnacknowledged,
            .notSupported, .tls, .other:
            log(.error, "cannot \(packet): \(error)")
            pump()
            return nil
        }
    }

    mutating func takeFilters(of packet: Int32) -> [String] {
        subscribing.removeValue(forKey: packet) ?? []
    }

    mutating func acknowledge(_ packet: Int32) -> Message? { inFlight.acknowledge(packet) }

    /// The broker has sent a message; returns whether it is the echo of a topic that the bridge has emptied.
    mutating func hear(_ message: Message) -> Bool {
        inFlight.hear(message)
        return message.payload.isEmpty && ownClears.take(message.topic)
    }

    /// The broker has dropped messages, and perhaps acknowledgements.
    mutating func suspect() { inFlight.suspect() }

    /// Another second has gone by; returns whether acknowledgements are lost.
    mutating func tick() -> Bool {
        inFlight.tick()
        plugin.tick()
        return inFlight.hasLost
    }

    // MARK: - The plugin in the broker

    /// Publishes a batch of events to watchers: by the plugin, where there is one, and otherwise to each.
    mutating func notify(_ watchers: [Name], _ payload: [UInt8]) {
        let (messages, rest) = plugin.fanOuts(of: payload, to: watchers, events)
        for message in messages { publishToPlugin(message) }
        for watcher in rest {
            var message = Message(topic: topics.event(watcher), payload: payload, qos: events.qos)
            message.properties.messageExpiry = events.expiry
            publish(message)
        }
    }

    /// Asks the plugin, where there is one, on which device topics something was stated since the
    /// broker's start.
    mutating func askForStated() {
        if plugin.isPresent { publishToPlugin(ControlMessage.questionOfStated) }
    }

    /// Acknowledged in any case: a refusal must not pass unseen.
    private mutating func publishToPlugin(_ payload: [UInt8]) {
        publish(Message(topic: ControlMessage.topic, payload: payload, qos: 1))
    }

    /// The broker has acknowledged something for the plugin, be there one or not.
    ///
    /// What it refuses, for its length or for want of a right, goes to each watcher by itself, and so
    /// does all that follows on this connection.
    mutating func acknowledgePlugin(_ payload: [UInt8], _ reason: ReasonCode) {
        if payload == ControlMessage.questionOfStated { return }
        if plugin.acknowledge(isFailure: reason.isFailure) {
            log(.error, "the broker takes no more events for its plugin: \(reason)")
        }
        guard reason.isFailure,
            case .fanOut(let message)? = try? ControlMessage(reading: payload.span)
        else { return }
        notify(message.names, Array(payload[message.payload]))
    }

    /// Takes the plugin's answer, which no other client can send: the bridge is not subscribed to it.
    mutating func takePluginAnswer(_ payload: [UInt8]) {
        switch ControlMessage.Answer(reading: payload) {
        case .greeting(let isOvertaken):
            // It greets at each question.
            if plugin.isPresent { return }
            plugin.answer(isOvertaken: isOvertaken)
            log(.notice, "the plugin in the broker passes events on")
        case .stated(let devices): tell(.statedSinceStart(devices))
        case .done:
            plugin.finish()
            pump()
        // Only `presence-bridge doctor` asks for it, on a connection of its own.
        case .about: break
        case nil:
            log(.warning, "the plugin in the broker speaks another version: it is not used")
        }
    }
}
