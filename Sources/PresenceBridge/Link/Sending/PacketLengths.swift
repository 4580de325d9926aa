import Logging
import Mosquitto
import Presence
import PresenceCore

/// How large a publish the broker takes: what it has announced counts at once, and what it keeps to
/// itself is tried where nobody listens.
///
/// Only with MQTT 5: by MQTT 3.1.1 a broker acknowledges what it drops for its length.
struct PacketLengths {
    private let topics: Topics
    private let topic: String
    var limits: Limits
    private var measure = PayloadMeasure()
    /// The most bytes of a packet, as the broker has announced it.
    private var announced: UInt32?
    /// Whether only the measuring keeps the bridge from serving.
    private var waits = false
    /// Of which kinds of topics it was said that something was too long for the broker.
    private var complaints: Set<Right?> = []
    /// The limit that was warned of last.
    private var warnedOf: PacketLimit?

    init(_ topics: Topics, _ limits: Limits) {
        self.topics = topics
        self.limits = limits
        topic = "\(topics.prefix)/event/$bridge/length"
    }

    /// What the broker takes, as far as is known.
    private var limit: PacketLimit {
        PacketLimit(
            packet: announced.map { Int($0) } ?? PacketLimit.mqtt,
            payload: measure.limit ?? PacketLimit.mqtt
        )
    }

    mutating func begin(_ greeting: Greeting, _ out: inout Sender) {
        announced = greeting.acknowledgement.maximumPacketSize
        if !measure.endsConnections { measure = PayloadMeasure() }
        waits = false
        complaints = []
        guard greeting.version == .v5 else { return }
        if measure.endsConnections {
            tryNext(&out)
        } else {
            tryPayload(of: limits.maxMessage, &out)
        }
    }

    private mutating func tryNext(_ out: inout Sender) {
        if let next = measure.next {
            tryPayload(of: next, &out)
        } else {
            warn(&out)
        }
    }

    /// As far as the packet may be so large.
    private func tryPayload(of length: Int, _ out: inout Sender) {
        let length = min(length, limit.room(topic: topic.utf8.count, qos: 1))
        guard length > 0 else { return }
        let blanks = [UInt8](repeating: UInt8(ascii: " "), count: length)
        out.publish(Message(topic: topic, payload: blanks, qos: 1))
    }

    /// Takes what the broker has acknowledged, if it was one of the lengths that are tried.
    mutating func acknowledge(
        _ message: Message,
        _ reason: ReasonCode,
        _ out: inout Sender
    ) -> Bool {
        guard message.topic == topic else { return false }
        if reason == .packetTooLarge {
            measure.refuse(message.payload.count)
        } else if !reason.isFailure {
            measure.take(message.payload.count)
        } else {
            // It says nothing of lengths; which right is missing is found out elsewhere.
            if waits { serve(&out) }
            return true
        }
        goOn(&out)
        return true
    }

    /// The broker has refused a publish of so many bytes, in spite of all that was known.
    mutating func refuse(_ length: Int, _ out: inout Sender) {
        let isMeasuring = measure.next != nil
        measure.refuse(length)
        if !isMeasuring { goOn(&out) }
    }

    /// The connection ended as a violation of the protocol while a payload of so many bytes was on its
    /// way.
    mutating func end(sending length: Int) { measure.end(sending: length) }

    /// Begins to serve, but not before it is known how long an answer may be, where that is being
    /// measured.
    mutating func serveOnceKnown(_ out: inout Sender) {
        waits = measure.next != nil
        if !waits { serve(&out) }
    }

    /// Says once for each kind of topic, as long as the connection stands, that a publish was too long.
    mutating func complain(of message: Message, _ out: inout Sender) {
        guard complaints.insert(Right(topic: message.topic, topics)).inserted else { return }
        out.log(
            .error,
            """
            a publish to \(message.topic) with \(message.payload.count) bytes is longer than the \
            broker takes, and lost; others of its kind are not told of
            """
        )
    }

    private mutating func goOn(_ out: inout Sender) {
        tryNext(&out)
        tell(&out)
        if waits, measure.next == nil { serve(&out) }
    }

    private mutating func serve(_ out: inout Sender) {
        waits = false
        tell(&out)
        out.tell(.brokerFound)
    }

    private func tell(_ out: inout Sender) {
        if limit != PacketLimit() { out.tell(.packetsLimited(limit)) }
    }

    /// Warns where the broker takes less than these settings can need, once for each limit.
    private mutating func warn(_ out: inout Sender) {
        let needed = limits.longestPacket
        guard min(limit.packet, limit.payload) < needed, limit != warnedOf else { return }
        warnedOf = limit
        let (found, line) =
            limit.payload < limit.packet
            ? ("payloads of about \(limit.payload) bytes", "message_size_limit 0")
            : ("packets of \(limit.packet) bytes", "max_packet_size \(needed)")
        out.log(
            .warning,
            """
            the broker takes \(found) at most, and answers can have up to \(needed) with these \
            settings: what is longer is answered limit_exceeded, and long statuses are shortened. \
            In mosquitto.conf: \(line)
            """
        )
    }
}
