import Logging
import Mosquitto
import Presence
import PresenceCore

/// What is published over a connection: what waits, in its order, what is on its way, and what has to wait
/// for the plugin in the broker.
struct Sender {
    private var outbound = Outbound()
    private var inFlight = InFlight()
    private var plugin = BrokerPlugin()
    private var ownClears = OwnClears()
    /// The filters of each SUBSCRIBE that is not answered.
    private var subscribing: [Int32: [String]] = [:]
    private let topics: Topics
    private var version = ProtocolVersion.v5
    /// How many publishes may be on their way at once.
    private var window = 1
    private var hasLeft = false
    /// Whether requests are refused, since too many answers wait.
    private var isFull = false

    init(_ topics: Topics) { self.topics = topics }

    // MARK: - The connection

    /// A connection stands.
    ///
    /// No more publishes may be on their way than the library sends at once: what it would keep back, of
    /// QoS 1 and 2, would be overtaken by what is of QoS 0.
    ///
    /// - Parameter usesPlugin: Whether the plugin in the broker is wanted.
    mutating func begin(_ greeting: Greeting, usesPlugin: Bool, _ out: inout Pending) {
        version = greeting.version
        let most = Int(greeting.acknowledgement.receiveMaximum ?? .max)
        window = max(1, min(LinkBounds.sendMaximum, most))
        hasLeft = false
        // Every broker with the plugin speaks MQTT 5. One of MQTT 3.1.1 can say that it does not allow a
        // topic by closing the connection alone.
        if plugin.connect(mayAsk: usesPlugin && version == .v5) {
            out.publish(
                Message(topic: ControlMessage.topic, payload: ControlMessage.question, qos: 1)
            )
        } else if plugin.isGivenUp {
            out.log(
                .notice,
                "not asking for the plugin: connections have ended with the question open"
            )
        }
    }

    /// The connection is over: what waits was for it alone.
    mutating func end() {
        outbound.removeAll()
        inFlight.removeAll()
        ownClears = OwnClears()
        subscribing.removeAll()
        isFull = false
    }

    /// The bridge ends: what still waits is lost with the process.
    mutating func leave() {
        hasLeft = true
        outbound.removeAll()
    }

    /// Whether nothing waits.
    var isIdle: Bool { outbound.count == 0 }

    /// The bytes of the longest payload that is on its way and will be acknowledged; 0 for none.
    var longestPayload: Int { inFlight.longestPayload }

    // MARK: - Publishing

    /// Publishes a message behind what waits.
    mutating func publish(_ message: Message, into orders: inout [LinkOrder]) {
        outbound.append(message)
        if outbound.count < window { pump(into: &orders) }
    }

    /// Publishes an answer behind what waits.
    mutating func answer(_ message: Message, into orders: inout [LinkOrder]) {
        outbound.append(answer: message)
        if outbound.count < window { pump(into: &orders) }
    }

    /// Tells the core how many more answers may wait.
    mutating func tellAnswerRoom(_ out: inout Pending) {
        let waiting = outbound.answers
        let wasFull = isFull
        isFull = waiting.exceeds(wasFull ? LinkBounds.fewAnswers : LinkBounds.answers)
        if isFull, !wasFull {
            out.log(
                .error,
                """
                \(waiting.count) answers with \(waiting.bytes) bytes wait for the broker: requests are \
                refused until it has taken half of them
                """
            )
        } else if wasFull, !isFull {
            out.log(.notice, "the broker has taken the answers: requests are carried out again")
        }
        let most = LinkBounds.answers
        let room = AnswerRoom(
            answers: isFull ? 0 : most.count - waiting.count,
            bytes: isFull ? 0 : most.bytes - waiting.bytes,
            refusals: max(0, LinkBounds.refusals - waiting.count)
        )
        out.tell(.answersLimited(room))
    }

    /// Publishes what waits, as much as may be on its way at once.
    mutating func pump(into orders: inout [LinkOrder]) {
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

    /// Whether the broker keeps up no more, or again; `nil` if that is as it was.
    mutating func takeCongestion() -> Bool? { outbound.takeCongestion() }

    // MARK: - What comes of it

    /// Something was handed to the library, as the packet with an identifier.
    mutating func sent(_ packet: LinkPacket, as identifier: Int32) {
        switch packet {
        case .publish(let message):
            inFlight.begin(identifier, message)
            if version == .v311 { ownClears.note(message, topics) }
        case .subscribe(let subscription): subscribing[identifier] = subscription.filters
        case .publishAhead, .unsubscribe: break
        }
    }

    /// The library did not take something; returns the message that is too long, if it was for that.
    mutating func fail(
        _ packet: LinkPacket,
        _ error: MosquittoError,
        _ out: inout Pending
    ) -> Message? {
        let act =
            switch packet {
            case .publish(let message), .publishAhead(let message): "publish to \(message.topic)"
            case .subscribe(let subscription):
                "subscribe to \(subscription.filters.first ?? "")"
            case .unsubscribe(let filters): "unsubscribe from \(filters.first ?? "")"
            }
        guard case .publish(let message) = packet else {
            out.log(.error, "cannot \(act): \(error)")
            return nil
        }
        inFlight.fail()
        switch error {
        case .notConnected:
            // That the connection is over comes as an event.
            hasLeft = true
            return nil
        case .messageTooLarge:
            out.goOn()
            return message
        case .invalidOption, .invalidTopic, .invalidProperty, .tooManyUnacknowledged,
            .notSupported, .tls, .other:
            out.log(.error, "cannot \(act): \(error)")
            out.goOn()
            return nil
        }
    }

    /// A SUBSCRIBE is answered; returns its filters.
    mutating func answer(_ packet: Int32) -> [String] {
        subscribing.removeValue(forKey: packet) ?? []
    }

    /// A publish is done; returns what it was, or `nil` if nothing is known of it.
    mutating func acknowledge(_ packet: Int32) -> Message? { inFlight.acknowledge(packet) }

    /// The broker has sent a message.
    mutating func hear(_ message: Message) { inFlight.hear(message) }

    /// The broker has dropped messages, and perhaps acknowledgements.
    mutating func suspect() { inFlight.suspect() }

    /// Another second has gone by; returns whether acknowledgements are lost.
    mutating func tick() -> Bool {
        inFlight.tick()
        plugin.tick()
        return inFlight.hasLost
    }

    /// Whether a message is the echo of a topic that the bridge has emptied.
    mutating func takeOwnClear(_ message: Message) -> Bool {
        message.payload.isEmpty && ownClears.take(message.topic)
    }

    // MARK: - The plugin in the broker

    /// Publishes a batch of events to watchers: by the plugin, where there is one, and otherwise to each.
    func notify(
        _ watchers: [Name],
        _ payload: [UInt8],
        _ options: EventOptions,
        _ out: inout Pending
    ) {
        let (messages, rest) = plugin.fanOuts(of: payload, to: watchers, options)
        for message in messages {
            // Acknowledged in any case: a refusal must not pass unseen.
            out.publish(Message(topic: ControlMessage.topic, payload: message, qos: 1))
        }
        for watcher in rest {
            var message = Message(topic: topics.event(watcher), payload: payload, qos: options.qos)
            message.properties.messageExpiry = options.expiry
            out.publish(message)
        }
    }

    /// Asks the plugin, where there is one, on which device topics something was stated since the
    /// broker's start.
    func askForStated(_ out: inout Pending) {
        guard plugin.isPresent else { return }
        let question = ControlMessage.questionOfStated
        out.publish(Message(topic: ControlMessage.topic, payload: question, qos: 1))
    }

    /// The broker has acknowledged something for the plugin, be there one or not.
    ///
    /// What it refuses, for its length or for want of a right, goes to each watcher by itself, and so
    /// does all that follows on this connection.
    mutating func acknowledgePlugin(
        _ payload: [UInt8],
        _ reason: ReasonCode,
        _ options: EventOptions,
        _ out: inout Pending
    ) {
        if payload == ControlMessage.questionOfStated { return }
        if plugin.acknowledge(isFailure: reason.isFailure) {
            out.log(.error, "the broker takes no more events for its plugin: \(reason)")
        }
        guard reason.isFailure,
            case .fanOut(let message)? = try? ControlMessage(reading: payload.span)
        else { return }
        notify(message.names, Array(payload[message.payload]), options, &out)
    }

    /// Takes the plugin's answer, which no other client can send: the bridge is not subscribed to it.
    mutating func takePluginAnswer(_ payload: [UInt8], _ out: inout Pending) {
        switch ControlMessage.Answer(reading: payload) {
        case .greeting(let isOvertaken):
            // It greets at each question.
            if plugin.isPresent { return }
            plugin.answer(isOvertaken: isOvertaken)
            out.log(.notice, "the plugin in the broker passes events on")
        case .stated(let devices): out.tell(.statedSinceStart(devices))
        case .done:
            plugin.finish()
            out.goOn()
        case nil:
            out.log(.warning, "the plugin in the broker speaks another version: it is not used")
        }
    }
}
