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
            ? rights.map { $0.line(topics) }.joined()
            : "topic readwrite \(topics.prefix)/#"
        return "the broker does not let the bridge \(lack): add to its ACL, for the bridge's user: "
            + "\(line) ('presence-bridge doctor' looks at all of it)"
    }

    /// What the bridge cannot read of what was adopted, in words.
    ///
    /// That is known only where the broker refuses the subscription: nothing is published on such topics to
    /// try the right.
    static func complaint(ofAdopted filter: String, _ code: ReasonCode) -> String {
        "the broker does not let the bridge read \(filter), which is to be adopted: \(code): add to its "
            + "ACL, for the bridge's user: topic read \(filter)"
    }

    /// What the bridge cannot read and write of what it describes users by, in words.
    ///
    /// It needs both, whichever of them was refused: what is there is read before anything is written.
    static func complaint(ofExported filter: String) -> String {
        "the broker does not let the bridge read and write \(filter), where users are described to Home "
            + "Assistant: add to its ACL, for the bridge's user: topic readwrite \(filter)"
    }

    /// What is done there, in words.
    var access: String {
        switch self {
        // A request that was retained is cleared, and the right is tried by writing.
        // By what other bridges say of themselves it is found which one serves.
        case .device, .status, .request, .bridge: "read and write"
        case .response, .event: "write"
        }
    }

    var isRead: Bool { access != "write" }

    private var keyword: String {
        access == "read and write" ? "readwrite" : access
    }

    /// The line of an ACL that gives the right.
    func line(_ topics: Topics) -> String { "topic \(keyword) \(filter(topics))" }

    func filter(_ topics: Topics) -> String { "\(topics.prefix)/\(rawValue)/#" }

    init?(topic: String, _ topics: Topics) {
        let level = topic.dropFirst(topics.prefix.count + 1).prefix { $0 != "/" }
        self.init(rawValue: String(level))
    }
}
