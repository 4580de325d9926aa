import Logging
import Mosquitto
import Presence
import PresenceCore

/// Finds out how large a publish the broker takes, and says so where that is too little.
extension Link {
    /// What the broker takes, as far as is known.
    private var packetLimit: PacketLimit {
        PacketLimit(
            packet: acknowledgement.maximumPacketSize.map { Int($0) } ?? PacketLimit.mqtt,
            payload: measure.limit ?? PacketLimit.mqtt
        )
    }

    /// Begins to measure on a new connection: what the broker has announced counts at once, what it
    /// keeps to itself is tried.
    ///
    /// Only with MQTT 5: by MQTT 3.1.1 a broker acknowledges what it drops for its length.
    func measurePayloads() {
        if !measure.endsConnections { measure = PayloadMeasure() }
        waitsForMeasure = false
        complaintsOfLength = []
        guard version == .v5 else { return }
        if measure.endsConnections {
            if let next = measure.next { tryPayload(of: next) } else { warnOfLength() }
        } else {
            tryPayload(of: settings.limits.maxMessage)
        }
    }

    /// Tells what the broker takes, if that is less than MQTT itself lets it take.
    func tellLimit(_ inputs: inout [Input]) {
        guard packetLimit != PacketLimit() else { return }
        inputs.append(.packetsLimited(packetLimit))
    }

    /// Publishes so many blanks where nobody listens, as far as the packet may be so large.
    private func tryPayload(of length: Int) {
        let room = packetLimit.room(topic: measureTopic.utf8.count, qos: 1)
        let length = min(length, room)
        guard length > 0 else { return }
        let blanks = [UInt8](repeating: UInt8(ascii: " "), count: length)
        publish(Message(topic: measureTopic, payload: blanks, qos: 1))
    }

    private var measureTopic: String { "\(topics.prefix)/event/$bridge/length" }

    /// Whether an acknowledgement is one of a length that was tried; learns from it.
    func isMeasured(_ message: Message, _ reason: ReasonCode, _ inputs: inout [Input]) -> Bool {
        guard message.topic == measureTopic else { return false }
        if reason == .packetTooLarge {
            measure.refuse(message.payload.count)
        } else if !reason.isFailure {
            measure.take(message.payload.count)
        } else {
            // It says nothing of lengths; which right is missing is found out elsewhere.
            if waitsForMeasure { serve(&inputs) }
            return true
        }
        goOnMeasuring(&inputs)
        return true
    }

    private func goOnMeasuring(_ inputs: inout [Input]) {
        if let next = measure.next {
            tryPayload(of: next)
        } else {
            warnOfLength()
        }
        tellLimit(&inputs)
        if waitsForMeasure, measure.next == nil { serve(&inputs) }
    }

    /// Begins to serve, but not before it is known how long an answer may be, where that is being
    /// measured.
    func serveOnceMeasured(_ inputs: inout [Input]) {
        waitsForMeasure = measure.next != nil
        if !waitsForMeasure { serve(&inputs) }
    }

    private func serve(_ inputs: inout [Input]) {
        waitsForMeasure = false
        tellLimit(&inputs)
        inputs.append(.brokerFound)
    }

    /// The broker has refused a publish for its length, in spite of all that was known.
    func learnLength(from message: Message, _ inputs: inout [Input]) {
        let isMeasuring = measure.next != nil
        measure.refuse(message.payload.count)
        if !isMeasuring { goOnMeasuring(&inputs) }
        guard Right(topic: message.topic, topics) == .response else {
            return complainOfLength(message)
        }
        inputs.append(
            .answerRefused(
                Reply(
                    topic: message.topic,
                    payload: message.payload,
                    qos: message.qos,
                    correlationData: message.properties.correlationData
                )
            )
        )
    }

    /// Says once for each kind of topic, as long as the connection stands, that a publish was too long.
    func complainOfLength(_ message: Message) {
        guard complaintsOfLength.insert(Right(topic: message.topic, topics)).inserted else {
            return
        }
        log.error(
            """
            a publish to \(message.topic) with \(message.payload.count) bytes is longer than the \
            broker takes, and lost; others of its kind are not told of
            """
        )
    }

    /// Warns where the broker takes less than these settings can need, once for each limit.
    private func warnOfLength() {
        let needed = settings.limits.longestPacket
        let limit = packetLimit
        guard min(limit.packet, limit.payload) < needed, limit != warnedOf else { return }
        warnedOf = limit
        let (found, line) =
            limit.payload < limit.packet
            ? ("payloads of about \(limit.payload) bytes", "message_size_limit 0")
            : ("packets of \(limit.packet) bytes", "max_packet_size \(needed)")
        log.warning(
            """
            the broker takes \(found) at most, and answers can have up to \(needed) with these \
            settings: what is longer is answered limit_exceeded, and long statuses are shortened. \
            In mosquitto.conf: \(line)
            """
        )
    }
}
