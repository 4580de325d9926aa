import Presence
import PresenceCore

extension Effect {
    /// What somebody wants to read who asks why a user is offline; `nil` for what is no answer to that.
    ///
    /// It costs a reading of the payload.
    var words: String? {
        switch self {
        case .retain(.status(let user), let payload):
            UserStatus(reading: payload, of: user).map { "\(user) \($0.words)" }
        case .retain(.device(let user, let device), let payload):
            "put right on the topic of \(user)'s \(device): \(String(decoding: payload, as: UTF8.self))"
        case .clear(.device(let user, let device)): "cleared the topic of \(user)'s \(device)"
        case .clear(.status(let user)): "forgot \(user)"
        case .clear(.stray(let topic)): "cleared \(topic)"
        case .reply(let reply): Response(reading: reply.payload)?.words(for: reply.topic)
        default: nil
        }
    }
}

extension UserStatus {
    fileprivate var words: String {
        guard !devices.isEmpty else { return "is offline\(cause.map { ": \($0.rawValue)" } ?? "")" }
        let devices = devices.map { "\($0.name) \($0.status.text)" }.joined(separator: ", ")
        return "is \(status.text): \(devices)"
    }
}

extension Response {
    fileprivate func words(for topic: String) -> String? {
        switch content {
        case .refusal(let code, let message, _):
            "refused \(operation == "device" ? "a statement" : operation), "
                + "\(topic): \(code), \(message)"
        case .announce: "asked to announce itself: \(topic)"
        case .result: nil
        }
    }
}
