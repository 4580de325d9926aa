import Mosquitto
import Presence

/// Whether the broker asks everybody who they are.
extension Check {
    static let logins: [Check] = [
        Check("anonymous", needs: .connection) { examination in
            guard case .stands(let stranger) = examination.call(as: nil, nil) else {
                return .sound("who has no login is not let in")
            }
            defer { stranger.leave() }
            let topic = "\(examination.topics.prefix)/device/$doctor/\(examination.nonce)-anonymous"
            if examination.comesThrough(topic, from: stranger) {
                return .wrong(
                    "who has no login is let in, and may state that anybody is online",
                    examination.broker("allow_anonymous false")
                )
            }
            return .sound("who has no login is let in, and may state nothing")
        },
        Check("passwords", needs: .connection) { examination in
            // No user can have a name that begins with the sign.
            let name = "$doctor-\(examination.nonce)"
            guard case .stands(let stranger) = examination.call(as: name, name) else {
                return .sound("who has no password of the broker's is not let in")
            }
            stranger.leave()
            return .wrong(
                "the broker lets anybody in under any name, with any password",
                examination.broker("password_file PATH, and allow_anonymous false")
            )
        },
    ]
}

extension Examination {
    /// Whether what somebody publishes comes through to the bridge's own login.
    func comesThrough(_ topic: String, from other: ProbeConnection) -> Bool {
        guard let connection else { return false }
        let payload = ProbeConnection.payload
        _ = connection.subscribe([topic])
        let publication = other.publish(Message(topic: topic, payload: payload))
        guard !publication.isRefused else { return false }
        return !connection.heard([topic], payload).isEmpty
    }
}
