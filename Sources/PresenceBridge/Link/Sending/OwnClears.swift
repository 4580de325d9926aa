import Mosquitto
import Presence

/// The topics that the bridge has emptied over a connection of MQTT 3.1.1, whose echoes are still to
/// come, for it is subscribed to them.
///
/// MQTT 5 marks what the bridge writes with its `by`; MQTT 3.1.1 has no mark.
struct OwnClears {
    private var echoes: [String: Int] = [:]

    mutating func note(_ message: Message, _ topics: Topics) {
        guard message.retain, message.payload.isEmpty else { return }
        switch Right(topic: message.topic, topics) {
        case .device, .request: echoes[message.topic, default: 0] += 1
        case .status, .response, .event, .bridge, nil: break
        }
    }

    /// Whether an empty message on a topic is such an echo; it is awaited no more.
    mutating func take(_ topic: String) -> Bool {
        guard let count = echoes[topic] else { return false }
        echoes[topic] = count > 1 ? count - 1 : nil
        return true
    }

    var isEmpty: Bool { echoes.isEmpty }
}
