import Presence

/// The topics through which rights are tried.
///
/// No user can have a name that begins with `$`.
struct ProbeTopics {
    /// What a probe and a marker carry, so that nobody else's message passes for one.
    private let nonce: String
    private let prefix: String
    /// Ends a reading: it is delivered after all that the reading's subscription brought.
    let marker: String
    /// What is retained to see whether readings are limited, below the same wildcard as the devices.
    let additions: [String]
    let retained: String
    /// What each SUBSCRIBE of a reading asks for last.
    let last: String
    let everyRetained: String
    /// Which right is tried through each topic.
    private var rights: [String: Right] = [:]

    init(_ topics: Topics, _ bridge: String, nonce: UInt64) {
        retained = "\(topics.bridge(bridge))/probe/retained"
        last = "\(topics.bridge(bridge))/probe/last"
        everyRetained = "\(topics.bridge(bridge))/probe/+"
        self.nonce = String(nonce, radix: 36)
        prefix = topics.prefix
        let own = "\(prefix)/device/$bridge/\(nonce)"
        marker = own
        additions = (1...LimitCheck.additions).map { "\(own)-more-\($0)" }
        for right in Right.allCases {
            for topic in [quiet(right), exact(right)].compactMap(\.self) { rights[topic] = right }
        }
    }

    /// The topic through which a right is tried first: none that a filter for users matches.
    func quiet(_ right: Right) -> String? {
        switch right {
        case .status, .event, .response: "\(prefix)/\(right)/$bridge/\(nonce)"
        case .request: "\(prefix)/request/$bridge/\(nonce)/probe"
        case .device: marker
        case .bridge: nil
        }
    }

    /// The topic for a second try, where an ACL may give leave for just so many levels.
    func exact(_ right: Right) -> String? {
        switch right {
        case .status, .event: "\(prefix)/\(right)/$bridge-\(nonce)"
        case .device, .request, .response, .bridge: nil
        }
    }

    func right(triedBy topic: String) -> Right? { rights[topic] }
}
