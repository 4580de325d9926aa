import Mosquitto
import Presence

/// The rights that the bridge needs, each tried by a message to itself on a topic that no bridge
/// takes for anything.
///
/// mosquitto grants a subscription that its ACL then filters, so a grant proves nothing: what is
/// published has to come back.
struct RightTrials {
    /// What became of one right.
    enum Result: Equatable {
        case holds
        /// The broker refused the publish.
        case isNotWritten
        /// By MQTT 3.1.1, which acknowledges what it drops: nothing came back, so it is not written or not read.
        case isSilent
        /// By MQTT 3.1.1: nothing came back of what the bridge need not read.
        case isUntold
        /// The broker refused the subscription with this code.
        case isRefused(ReasonCode)
        /// The broker granted the subscription, took the publish, and sent nothing.
        case isFiltered
        /// The connection ended over it.
        case ended(String)
    }

    private var results: [Right: Result] = [:]

    init(_ examination: Examination) {
        let first = Right.allCases.map { ($0, Self.topic(of: $0, examination, isExact: false)) }
        attempt(first, examination)
        // An ACL may allow topics of one more level alone, such as presence/status/+, so these two are tried on such
        // a topic, too.
        let again = Right.allCases.filter { ($0 == .status || $0 == .event) && self[$0] != .holds }
        guard !again.isEmpty else { return }
        attempt(again.map { ($0, Self.topic(of: $0, examination, isExact: true)) }, examination)
    }

    subscript(right: Right) -> Result { results[right] ?? .ended("not tried") }

    /// The topics of probes of the bridge's own have the same form; see ``ProbeTopics``.
    private static func topic(
        of right: Right,
        _ examination: Examination,
        isExact: Bool
    ) -> String {
        let (prefix, nonce) = (examination.topics.prefix, examination.nonce)
        if isExact { return "\(prefix)/\(right)/$doctor-\(nonce)" }
        switch right {
        case .device, .status, .event, .response: return "\(prefix)/\(right)/$doctor/\(nonce)"
        case .request: return "\(prefix)/request/$doctor/\(nonce)/probe"
        case .bridge:
            return "\(examination.topics.bridge(examination.broker.bridgeID))/probe/doctor-\(nonce)"
        }
    }

    private mutating func attempt(_ trials: [(Right, String)], _ examination: Examination) {
        guard let connection = examination.connection else { return }
        let payload = ProbeConnection.payload
        let topics = trials.map(\.1)
        let grants = connection.subscribe(topics)
        let outcomes = connection.publish(topics.map { Message(topic: $0, payload: payload) })
        // What may be written and not read comes back only where the ACL gives more than is needed.
        let isOlder = connection.version == .v311
        let awaited = trials.filter { $0.0.isRead || isOlder }.map(\.1)
        let heard = connection.heard(awaited, payload)
        for (index, (right, topic)) in trials.enumerated() {
            results[right] =
                if heard.contains(topic) { .holds } else {
                    Self.result(
                        of: outcomes[index],
                        grants[index],
                        isRead: right.isRead,
                        isOlder: isOlder
                    )
                }
        }
    }

    private static func result(
        of outcome: ProbeConnection.Publication,
        _ grant: ReasonCode,
        isRead: Bool,
        isOlder: Bool
    ) -> Result {
        switch outcome {
        case .failed(let words): return .ended(words)
        case .acknowledged(let code) where code.isFailure: return .isNotWritten
        case .acknowledged: break
        }
        guard isRead else { return isOlder ? .isUntold : .holds }
        if grant.isFailure { return .isRefused(grant) }
        return isOlder ? .isSilent : .isFiltered
    }
}
