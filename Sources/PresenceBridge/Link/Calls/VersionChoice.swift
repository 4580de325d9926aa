import Mosquitto

/// In which version of MQTT the broker is called.
///
/// Where both are allowed MQTT 5 comes first, at each new connection. A broker that does not know it
/// should say so; others answer in a form that makes no sense, hang up, or say nothing at all.
struct VersionChoice {
    /// Why a call came to nothing.
    enum Failure {
        /// The broker said that it does not speak this version.
        case refused
        /// The broker answered what makes no sense in this version.
        case malformed
        case hungUp
        /// The broker took the call and said nothing.
        case unanswered
        case other
    }

    /// What follows from a failure.
    enum Outcome: Equatable {
        case again
        case older
        /// MQTT 5 again, after a while: neither version has worked.
        case neither
    }

    /// How many calls in MQTT 5 may be hung up on before the other version is tried: once may be an
    /// accident.
    private static let hangUps = 3
    /// How many may stay unanswered.
    private static let silences = 2

    private(set) var current: ProtocolVersion
    private let allowed: Settings.Broker.Version
    private var hangUps = 0
    private var silences = 0

    init(_ allowed: Settings.Broker.Version) {
        self.allowed = allowed
        current = allowed == .older ? .v311 : .v5
    }

    mutating func fail(_ failure: Failure) -> Outcome {
        guard allowed == .auto else { return .again }
        guard current == .v5 else {
            end()
            return .neither
        }
        switch failure {
        case .hungUp: hangUps += 1
        case .unanswered: silences += 1
        case .refused, .malformed, .other: break
        }
        let isOlder =
            failure == .refused || failure == .malformed || hangUps >= Self.hangUps
            || silences >= Self.silences
        if isOlder { current = .v311 }
        return isOlder ? .older : .again
    }

    mutating func stand() { (hangUps, silences) = (0, 0) }

    /// A connection that stood is over: the next broker may be a newer one.
    mutating func end() {
        stand()
        if allowed == .auto { current = .v5 }
    }

    /// What the operator is told of MQTT 3.1.1.
    ///
    /// - Parameter isWanted: Whether no other version is allowed.
    static func warning(isWanted: Bool) -> String {
        """
        \(isWanted ? "" : "the broker does not speak MQTT 5, ")going \
        on with MQTT 3.1.1: without Response Topic and \
        Correlation Data, without the expiry of events, without reason codes for missing \
        rights; statements and requests cannot be told from retained ones when they come live, \
        so devices must retain what they state
        """
    }
}
