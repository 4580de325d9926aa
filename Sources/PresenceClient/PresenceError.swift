import Mosquitto
import Presence

/// Why something was not done.
public enum PresenceError: Error, Hashable, Sendable {
    /// The bridge refused it: the protocol's code, and what was wrong in words.
    ///
    /// ``code`` has the codes that are known. `retryAfter` is in seconds, with `rate_limited`.
    case refused(code: String, message: String, retryAfter: Int64?)
    /// The broker does not let the user publish there.
    case notAuthorized(topic: String)
    /// The broker refused a subscription without which nothing can be heard, for the reason that it
    /// gave.
    case notSubscribed(topic: String, reason: String)
    /// No answer came in time.
    ///
    /// `bridgeIsAway`: the bridge has said that it is not there.
    case noAnswer(operation: String, bridgeIsAway: Bool)
    /// The broker refused the connection, as with a wrong password.
    case connectionRefused(ConnectionRefusal)
    /// No connection could be made, in words.
    case cannotConnect(String)
    /// An option is out of its range.
    case invalidOption(String)
    /// ``PresenceClient/connect()`` was not called, or the client was closed.
    case notConnected
    /// The answer is not as the protocol says.
    case unintelligible(operation: String)

    /// The protocol's code of a refusal, if it is one that is known.
    public var code: ErrorCode? {
        guard case .refused(let code, _, _) = self else { return nil }
        return ErrorCode(rawValue: code)
    }

    /// A refusal by this side, of what the bridge would refuse.
    static func refused(_ code: ErrorCode, _ message: String) -> PresenceError {
        .refused(code: code.rawValue, message: message, retryAfter: nil)
    }
}

extension PresenceError: CustomStringConvertible {
    /// What happened, and where it helps, what is right.
    public var description: String {
        switch self {
        case .refused(let code, let message, let retryAfter):
            "\(message) (\(code)\(retryAfter.map { ", try again in \($0) s" } ?? ""))"
        case .notAuthorized(let topic):
            "the broker does not give this user the right to publish to \(topic); in mosquitto's "
                + "access control list: topic write \(topic)"
        case .notSubscribed(let topic, let reason):
            "the broker refused the subscription to \(topic): \(reason); where the right is missing, "
                + "mosquitto's access control list needs: topic read \(topic)"
        case .noAnswer(let operation, bridgeIsAway: true):
            "no answer to \(operation): the bridge is away"
        case .noAnswer(let operation, bridgeIsAway: false):
            "no answer to \(operation) in time; is a bridge there, with this prefix, "
                + "and may this user write its requests and read its responses "
                + "(request/<user>/# and response/<user>/# below the prefix)?"
        case .connectionRefused(let refusal): refusal.description
        case .cannotConnect(let words), .invalidOption(let words): words
        case .notConnected: "the client is not connected"
        case .unintelligible(let operation):
            "the answer to \(operation) is not as the protocol says"
        }
    }
}
