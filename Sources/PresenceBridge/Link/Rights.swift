import Presence

/// The rights that the bridge needs of the broker, and what to add to the ACL for each.
///
/// A broker may grant a subscription and then deliver nothing, so each right is tried: by what
/// comes back, and by the reason codes of MQTT 5.
enum Right: String, CaseIterable {
    case device
    case status
    case request
    case response
    case event
    case bridge
    case uptime

    /// What the bridge cannot do, in words.
    func complaint(_ topics: Topics) -> String {
        "the broker does not let the bridge \(access) \(filter(topics)): add to its ACL, for the "
            + "bridge's user: topic \(keyword) \(filter(topics))"
    }

    private var access: String {
        switch self {
        // A request that was retained is cleared, and the right is tried by writing.
        // What the bridge says of itself tells it whether another has come under its client id.
        case .device, .status, .request, .bridge: "read and write"
        case .uptime: "read"
        case .response, .event: "write"
        }
    }

    private var keyword: String {
        access == "read and write" ? "readwrite" : access
    }

    private func filter(_ topics: Topics) -> String {
        self == .uptime ? uptimeTopic : "\(topics.prefix)/\(rawValue)/#"
    }

    /// The right that a topic belongs to.
    init?(topic: String, _ topics: Topics) {
        let level = topic.dropFirst(topics.prefix.count + 1).prefix { $0 != "/" }
        self.init(rawValue: String(level))
    }
}

/// Where a broker like mosquitto says for how long it has run.
let uptimeTopic = "$SYS/broker/uptime"

/// Where a broker like mosquitto says how many messages it has dropped.
let droppedTopic = "$SYS/broker/publish/messages/dropped"

/// The topics through which rights are tried.
///
/// No user can have a name that begins with `$`.
struct ProbeTopics {
    /// What a probe and a marker carry, so that nobody else's message passes for one.
    private let nonce: String
    private let prefix: String
    /// Ends a reading: it is delivered after all that the reading's subscription brought.
    let marker: String

    init(_ topics: Topics, nonce: UInt64) {
        self.nonce = String(nonce, radix: 36)
        prefix = topics.prefix
        marker = "\(prefix)/device/$bridge/\(nonce)"
    }

    /// The topic through which a right is tried first: none that a filter for users matches.
    func quiet(_ right: Right) -> String? {
        switch right {
        case .status, .event, .response: "\(prefix)/\(right)/$bridge/\(nonce)"
        case .request: "\(prefix)/request/$bridge/\(nonce)/probe"
        case .device, .bridge, .uptime: nil
        }
    }

    /// The topic for a second try, where an ACL may give leave for just so many levels.
    func exact(_ right: Right) -> String? {
        switch right {
        case .status, .event: "\(prefix)/\(right)/$bridge-\(nonce)"
        case .device, .request, .response, .bridge, .uptime: nil
        }
    }

    /// The right that a topic tries.
    func right(triedBy topic: String) -> Right? {
        Right.allCases.first { quiet($0) == topic || exact($0) == topic }
    }
}
