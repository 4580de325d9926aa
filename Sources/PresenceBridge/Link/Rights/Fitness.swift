import Logging
import Mosquitto
import Presence
import PresenceCore

/// Whether presence works with the broker: what it can do, and what it lets the bridge do.
struct Fitness {
    /// What has come of it.
    enum Outcome: Equatable {
        /// Nothing more than what was said.
        case goesOn
        /// The broker does not let this process hear the other bridges.
        case isDeaf
    }

    private let topics: Topics
    private var probes: ProbeTopics
    private var rights = RightsTrial()
    /// What the broker does not do and the bridge can do without.
    private var remarks = Remarks()
    /// Whether the broker lacks what presence cannot do without: it is not served then.
    private(set) var isUnfit = false

    init(_ topics: Topics, _ probes: ProbeTopics) {
        self.topics = topics
        self.probes = probes
    }

    // MARK: - The connection

    /// A connection stands.
    mutating func begin(_ greeting: Greeting, _ probes: ProbeTopics, _ out: inout Pending) {
        self.probes = probes
        isUnfit = false
        if !greeting.acknowledgement.retainAvailable {
            despair("keeps no retained messages", &out)
        }
        if !greeting.acknowledgement.wildcardSubscriptionAvailable {
            despair("takes no subscriptions with wildcards", &out)
        }
    }

    /// Tries all rights at once.
    ///
    /// - Parameter questions: Where this process is about to ask who serves.
    mutating func tryRights(questions: String, at uptime: Int64, _ out: inout Pending) {
        rights.attemptAll(probes, at: uptime, &out)
        rights.attempt(.bridge, through: questions, until: uptime + RightsTrial.echoPatience)
    }

    /// The connection is over.
    mutating func end() { rights.begin() }

    // MARK: - Rights

    /// Finds out which rights are missing by what has not come.
    mutating func check(at uptime: Int64, _ out: inout Pending) -> Outcome {
        var outcome = Outcome.goesOn
        for (right, topic) in rights.overdue(at: uptime) {
            let news = doubt(right, at: topic, uptime, &out)
            if news != .goesOn { outcome = news }
        }
        return outcome
    }

    /// A right does not hold at a topic.
    mutating func doubt(
        _ right: Right,
        at topic: String,
        _ uptime: Int64,
        _ out: inout Pending
    ) -> Outcome {
        switch rights.doubt(right, at: topic, probes, at: uptime, &out) {
        case .triedAgain: return .goesOn
        case .missing:
            tellMissing(&out)
            return right == .bridge && !isUnfit ? .isDeaf : .goesOn
        }
    }

    /// A right was proved.
    mutating func confirm(_ right: Right, _ out: inout Pending) {
        rights.confirm(right)
        tellMissing(&out)
    }

    /// A right is missing.
    mutating func deny(_ right: Right, _ out: inout Pending) {
        rights.deny(right)
        tellMissing(&out)
    }

    private mutating func tellMissing(_ out: inout Pending) {
        guard let missing = rights.takeNews() else { return }
        out.log(.error, Right.complaint(of: missing, topics))
    }

    // MARK: - What the broker does not do

    /// The broker has refused a subscription.
    mutating func takeRefusal(
        of filter: String,
        _ code: ReasonCode,
        _ limits: Limits,
        at uptime: Int64,
        _ out: inout Pending
    ) -> Outcome {
        let words = "the broker refused the subscription to \(filter): \(code)"
        let isForWantOfRight = code == .notAuthorized || code == .unspecified
        if filter == BrokerFigures.uptimeTopic {
            lackUptime(code, limits, &out)
        } else if filter == BrokerFigures.droppedTopic {
            let found = "what it drops is found by the audit alone"
            remarks.say(.notice, "\(words): \(found)", &out)
        } else if isForWantOfRight, let right = Right(topic: filter, topics) {
            remarks.say(.notice, words, &out)
            return doubt(right, at: filter, uptime, &out)
        } else {
            out.log(.error, words)
        }
        return .goesOn
    }

    /// The broker's uptime does not come.
    ///
    /// - Parameter refusal: What it has refused the subscription with; `nil` where it has granted it.
    mutating func lackUptime(_ refusal: ReasonCode?, _ limits: Limits, _ out: inout Pending) {
        guard limits.watchesBrokerRestart else { return }
        remarks.say(.error, BrokerFigures.complaint(refusal: refusal), &out)
    }

    /// Presence cannot work with this broker: nobody is served, since all that were told would be lies.
    mutating func despair(_ lack: String, _ out: inout Pending) {
        isUnfit = true
        let words =
            "the broker \(lack): presence cannot work with it, and this bridge does not serve"
        remarks.say(.error, words, &out)
    }
}
