import Mosquitto
import Presence

extension Topics {
    /// Whether a message is what a bridge retains of itself.
    func isBridgeState(_ message: Message) -> Bool {
        message.retain && !message.payload.isEmpty
            && bridge(of: message.topic).map { !$0.isDuty } ?? false
    }
}
