import Mosquitto
import Presence

/// The topics that the bridge has emptied over a connection of MQTT 3.1.1, whose echoes are still to
/// come, for it is subscribed to them.
///
/// MQTT 5 marks what the bridge writes with its `by`; MQTT 3.1.1 has no mark.
///
/// A broker may drop an echo, or never send one. So at most `LinkBounds.echoes` topics are remembered,
/// and at least the latest half as many. The echo on a topic that is remembered no more is taken for the
/// device's own: a logout, on a topic that the bridge has emptied already.
struct OwnClears {
    /// How many echoes are to come, by topic, of the latest clears and of those before them.
    private var latest: [String: Int] = [:]
    private var earlier: [String: Int] = [:]

    mutating func note(_ message: Message, _ topics: Topics) {
        guard message.retain, message.payload.isEmpty else { return }
        switch Right(topic: message.topic, topics) {
        case .device, .request: break
        case .status, .response, .event, .bridge, nil: return
        }
        if latest[message.topic] == nil, latest.count >= LinkBounds.echoes / 2 {
            earlier = latest
            latest.removeAll()
        }
        latest[message.topic, default: 0] &+= 1
    }

    /// Whether an empty message on a topic is such an echo; it is awaited no more.
    mutating func take(_ topic: String) -> Bool {
        earlier.takeOne(topic) || latest.takeOne(topic)
    }
}

extension [String: Int] {
    /// Whether a topic's echo is among these; there is one less of it then.
    fileprivate mutating func takeOne(_ topic: String) -> Bool {
        guard let count = self[topic] else { return false }
        self[topic] = count > 1 ? count - 1 : nil
        return true
    }
}
