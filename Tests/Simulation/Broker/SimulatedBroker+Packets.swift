import Mosquitto
import Presence
import PresenceCore

extension SimulatedBroker {
    /// A packet of a client arrived.
    func take(_ packet: ClientPacket, from session: Session) {
        guard session.state != .closed else { return }
        session.lastHeard = agenda.now.uptime
        switch packet {
        case .connect(let options): return connect(session, options)
        case .end: return lose(session)
        default: break
        }
        guard session.state == .active else { return lose(session) }
        switch packet {
        case .publish(let message, let packetID, _):
            publish(message, packetID, from: session)
        case .puback(let packetID), .pubcomp(let packetID):
            session.acknowledge(packetID)
        case .pubrec(let packetID): session.send(.pubrel(packetID: packetID))
        case .pubrel(let packetID):
            if let message = session.unreleased.removeValue(forKey: packetID) {
                _ = accept(message, from: session.clientID, isWill: false)
            }
            session.send(.pubcomp(packetID: packetID))
        case .subscribe(let filters, let options, let identifier, let packetID):
            subscribe(session, filters, options, identifier, packetID)
        case .unsubscribe(let filters, let packetID):
            for filter in filters {
                guard let old = session.subscriptions.removeValue(forKey: filter) else { continue }
                tree.remove(old)
            }
            session.send(.unsuback(packetID: packetID))
        case .pingreq: session.send(.pingresp)
        case .disconnect(let reason):
            if reason != .disconnectWithWill { session.will = nil }
            lose(session)
        case .connect, .end: break
        }
    }

    private func publish(
        _ message: Message,
        _ packetID: Int32,
        from session: Session
    ) {
        guard message.topic != ControlMessage.topic else {
            return control(message, packetID, from: session)
        }
        hear(message, from: session)
        switch message.qos {
        case 0: _ = accept(message, from: session.clientID, isWill: false)
        case 1:
            let isMatched = accept(message, from: session.clientID, isWill: false)
            let isTold = !isMatched && session.version == .v5
            let reason = isTold ? ReasonCode.noMatchingSubscribers : .success
            session.send(.puback(packetID: packetID, reason))
        default:
            // A duplicate of QoS 2 finds its packet identifier in use.
            session.unreleased[packetID] = message
            session.send(.pubrec(packetID: packetID))
        }
    }

    private func subscribe(
        _ session: Session,
        _ filters: [String],
        _ options: SubscriptionOptions,
        _ identifier: UInt32?,
        _ packetID: Int32
    ) {
        var snapshot: [(Message, Subscription)] = []
        for filter in filters {
            let old = session.subscriptions[filter]
            let subscription = old ?? Subscription(session, filter, options, identifier)
            if old == nil {
                session.subscriptions[filter] = subscription
                tree.insert(subscription)
            }
            subscription.options = options
            subscription.identifier = identifier
            guard
                options.retainHandling == .send
                    || (options.retainHandling == .sendIfNew && old == nil)
            else { continue }
            var found = kept.matches(filter, at: agenda.now.unix)
            // Clients rely on no order. But what a slow one does not get is the same every time, unless
            // it has MQTT 3.1.1 alone: then it has no means but to read as quickly as it can, and gets
            // now these and now those.
            if !session.isSlow || session.version == .v311 { found.shuffle(using: &dice) }
            for message in found.prefix(self.options.retainedLimit ?? .max) {
                snapshot.append((message, subscription))
            }
        }
        let granted = ReasonCode(rawValue: options.qos)
        session.send(.suback(packetID: packetID, filters.map { _ in granted }))
        let before = dropped
        for (message, subscription) in snapshot {
            deliver(message, to: subscription, isSnapshot: true)
        }
        let wildcards = filters.filter { $0.hasSuffix("+") }
        for filter in wildcards { snapshots[filter, default: 0] += 1 }
        if dropped > before, !wildcards.isEmpty { cutSnapshots += 1 }
    }

    // MARK: - Messages

    /// Takes a message: keeps it, if it is to be retained, and delivers it.
    ///
    /// Returns whether anybody has subscribed to its topic.
    func accept(_ message: Message, from clientID: String, isWill: Bool) -> Bool {
        onAccept?(message, clientID, isWill)
        return distribute(message, from: clientID)
    }

    func distribute(_ message: Message, from clientID: String?) -> Bool {
        if message.retain { kept.set(message, at: agenda.now.unix) }
        var isMatched = false
        for subscription in tree.matches(message.topic) {
            if subscription.options.noLocal, subscription.session.clientID == clientID { continue }
            isMatched = true
            deliver(message, to: subscription, isSnapshot: false)
        }
        return isMatched
    }

    /// One copy for one subscription.
    private func deliver(_ message: Message, to subscription: Subscription, isSnapshot: Bool) {
        let session = subscription.session
        var copy = message
        copy.qos = min(message.qos, subscription.options.qos)
        copy.retain = isSnapshot || (message.retain && subscription.options.retainAsPublished)
        if session.version == .v311 {
            copy.properties = MessageProperties()
        } else if let identifier = subscription.identifier {
            copy.properties.subscriptionIdentifiers = [identifier]
        }
        session.deliver(copy)
        count(&session.dropped)
    }

    /// Counts what was dropped.
    func count(_ dropped: inout Int) {
        self.dropped += dropped
        droppedSinceStart += dropped
        dropped = 0
    }

    // MARK: - What the broker says of itself

    /// Begins to publish below `$SYS`, at once and then time and again.
    func startSystemTopics() {
        for topic in [Self.uptimeTopic, Self.droppedTopic] {
            kept.set(Message(topic: topic, payload: [], retain: true), at: agenda.now.unix)
        }
        if options.sysInterval > 0 { publishSystemTopics() }
    }

    private static let uptimeTopic = "$SYS/broker/uptime"
    private static let droppedTopic = "$SYS/broker/publish/messages/dropped"

    private func publishSystemTopics() {
        let uptime = UInt64(bitPattern: uptime / 1_000 - options.startLag)
        for (topic, text) in [
            (Self.uptimeTopic, "\(uptime) seconds"), (Self.droppedTopic, "\(droppedSinceStart)"),
        ] {
            _ = distribute(Message(topic: topic, payload: text, qos: 2, retain: true), from: nil)
        }
        after(options.sysInterval * 1_000) { $0.publishSystemTopics() }
    }
}
