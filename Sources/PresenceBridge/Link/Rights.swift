import Mosquitto
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

    /// What the bridge cannot do, in words.
    ///
    /// Where several rights are missing, there is one line that gives them all.
    static func complaint(of rights: [Right], _ topics: Topics) -> String {
        let lack = rights.map { "\($0.access) \($0.filter(topics))" }.joined(separator: ", ")
        let line =
            rights.count == 1
            ? rights.map { "\($0.keyword) \($0.filter(topics))" }.joined()
            : "readwrite \(topics.prefix)/#"
        return "the broker does not let the bridge \(lack): add to its ACL, for the bridge's user: "
            + "topic \(line)"
    }

    private var access: String {
        switch self {
        // A request that was retained is cleared, and the right is tried by writing.
        // By what other bridges say of themselves it is found which one serves.
        case .device, .status, .request, .bridge: "read and write"
        case .response, .event: "write"
        }
    }

    /// Whether it is tried by what comes back, and not by what the broker acknowledges.
    var isRead: Bool { access != "write" }

    private var keyword: String {
        access == "read and write" ? "readwrite" : access
    }

    private func filter(_ topics: Topics) -> String { "\(topics.prefix)/\(rawValue)/#" }

    /// The right that a topic belongs to.
    init?(topic: String, _ topics: Topics) {
        let level = topic.dropFirst(topics.prefix.count + 1).prefix { $0 != "/" }
        self.init(rawValue: String(level))
    }
}

/// Where a broker like mosquitto says for how long it has run.
let uptimeTopic = "$SYS/broker/uptime"

/// Why the broker's uptime does not come, what follows, and what is to be done, in words.
///
/// - Parameter refusal: What the broker has refused the subscription with; `nil` where it has granted
///   it and sent nothing, as mosquitto does where the right is missing.
func complaintOfUptime(refusal: ReasonCode?) -> String {
    let line = "topic read \(uptimeTopic)"
    let cause =
        if let refusal {
            "the broker refused the subscription to \(uptimeTopic): \(refusal): if it has one, add to "
                + "its ACL, for the bridge's user: \(line)"
        } else {
            "the broker sends no \(uptimeTopic): a mosquitto needs in its ACL, for the bridge's user, "
                + "\(line), and a sys_interval that is not 0; other brokers have no such topic"
        }
    return
        "\(cause). Without it a restart of the broker is not noticed, and a device that does not "
        + "come back from one stays online, unless it stated a ttl; 'broker_restart never' says that "
        + "this is known, and ends this message"
}

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
    /// What is retained to see whether readings are limited, below the same wildcard as the devices.
    let additions: [String]
    /// What the bridge retains to see whether the broker finds it by a wildcard.
    let retained: String
    /// The filter with a wildcard for that.
    let everyRetained: String

    init(_ topics: Topics, _ bridge: String, nonce: UInt64) {
        retained = "\(topics.bridge(bridge))/probe/retained"
        everyRetained = "\(topics.bridge(bridge))/probe/+"
        self.nonce = String(nonce, radix: 36)
        prefix = topics.prefix
        let own = "\(prefix)/device/$bridge/\(nonce)"
        marker = own
        additions = (1...LimitCheck.additions).map { "\(own)-more-\($0)" }
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

    /// The right that a topic tries.
    func right(triedBy topic: String) -> Right? {
        Right.allCases.first { quiet($0) == topic || exact($0) == topic }
    }
}
