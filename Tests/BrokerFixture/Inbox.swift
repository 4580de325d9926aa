import Mosquitto

/// What a test's client has received and nobody has asked for yet.
public struct Inbox: Sendable {
    /// The messages, oldest first; one that was expected is taken out.
    public internal(set) var messages: [Message] = []

    /// What the broker said when it accepted the connection.
    public internal(set) var acknowledgement: Acknowledgement?
    var refusal: ConnectionRefusal?
    var closure: Closure?
    var published: [Int32: ReasonCode] = [:]
    /// The answers to SUBSCRIBE packets, by packet identifier.
    public internal(set) var subscriptions: [Int32: [ReasonCode]] = [:]
    var unsubscribed: Set<Int32> = []

    /// Whether nothing more will come.
    var isOver: Bool { refusal != nil || closure != nil }

    mutating func add(_ event: Event) {
        switch event {
        case .message(let message): messages.append(message)
        case .connected(let words): acknowledgement = words
        case .refused(let words): refusal = words
        case .published(let packetID, let reason): published[packetID] = reason
        case .subscribed(let packetID, let granted): subscriptions[packetID] = granted
        case .unsubscribed(let packetID): unsubscribed.insert(packetID)
        case .closed(let words): closure = words
        }
    }

    /// Takes out the first message that matches.
    mutating func take(where matches: (Message) -> Bool) -> Message? {
        guard let index = messages.firstIndex(where: matches) else { return nil }
        return messages.remove(at: index)
    }

    /// What is there instead of what was expected, at most 20 messages of it.
    var summary: String {
        var lines: [String] = []
        if let refusal { lines.append("  refused: \(refusal)") }
        if let closure { lines.append("  closed: \(closure)") }
        for message in messages.prefix(20) {
            let text = message.text.prefix(200)
            let flags = "QoS \(message.qos)\(message.retain ? ", retained" : "")"
            lines.append("  \(message.topic) (\(flags)): \(text)")
        }
        if messages.count > 20 { lines.append("  and \(messages.count - 20) more") }
        return lines.isEmpty ? "  nothing" : lines.joined(separator: "\n")
    }
}
