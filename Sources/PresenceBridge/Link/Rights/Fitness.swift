import Logging
import Mosquitto
import Presence
import PresenceCore

/// Whether presence works with the broker: what it can do, and what it lets the bridge do.
///
/// Each right is tried through a topic of its own, all at once, so that all that are missing are told
/// together.
struct Fitness {
    enum Outcome: Equatable {
        case goesOn
        /// The broker does not let this process hear the other bridges.
        case isDeaf
    }

    /// A right that is being tried.
    private struct Trial {
        let topic: String
        /// Until when something must have come back, in milliseconds of uptime.
        let until: Int64
    }

    /// How long what tries a right may take to come back, in milliseconds.
    private static let patience: Int64 = 5_000
    /// How long the own question who serves may take to come back, in milliseconds.
    private static let echoPatience: Int64 = 4_000

    private let topics: Topics
    private var probes: ProbeTopics
    private var trials: [Right: Trial] = [:]
    /// What is missing on this connection.
    private var missing: Set<Right> = []
    /// What was told of that, also on earlier connections.
    private var told: Set<Right> = []
    /// Whether the broker lacks what presence cannot do without: it is not served then.
    private(set) var isUnfit = false
    /// Whether a broker that does not tell its uptime is one to complain of.
    var needsUptime = true

    init(_ topics: Topics, _ probes: ProbeTopics) {
        self.topics = topics
        self.probes = probes
    }

    // MARK: - The connection

    mutating func begin(_ greeting: Greeting, _ out: inout Sender) {
        probes = greeting.probes
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
    /// - Parameter questions: Where this process is about to ask who serves, which tries the right to the
    ///   topics of bridges.
    mutating func tryRights(questions: String, at uptime: Int64, _ out: inout Sender) {
        for right in Right.allCases {
            guard let topic = probes.quiet(right) else { continue }
            attempt(right, through: topic, at: uptime, &out)
        }
        trials[.bridge] = Trial(topic: questions, until: uptime + Self.echoPatience)
    }

    mutating func end() { (trials, missing) = ([:], []) }

    // MARK: - Rights

    /// Tries a right: what is read must come back, what is written must not be refused.
    private mutating func attempt(
        _ right: Right,
        through topic: String,
        at uptime: Int64,
        _ out: inout Sender
    ) {
        trials[right] = Trial(topic: topic, until: uptime + Self.patience)
        if right.isRead { out.subscribe([topic], .bridge) }
        out.publish(Message(topic: topic, payload: "", qos: 1))
    }

    mutating func check(at uptime: Int64, _ out: inout Sender) -> Outcome {
        var outcome = Outcome.goesOn
        for right in Right.allCases {
            guard let trial = trials[right], uptime > trial.until else { continue }
            let news = doubt(right, at: trial.topic, uptime, &out)
            if news != .goesOn { outcome = news }
        }
        return outcome
    }

    /// A right does not hold at a topic: it may hold at another, else it is missing.
    mutating func doubt(
        _ right: Right,
        at topic: String,
        _ uptime: Int64,
        _ out: inout Sender
    ) -> Outcome {
        if topic == probes.quiet(right), let exact = probes.exact(right) {
            attempt(right, through: exact, at: uptime, &out)
            return .goesOn
        }
        deny(right, &out)
        return right == .bridge && !isUnfit ? .isDeaf : .goesOn
    }

    mutating func confirm(_ right: Right, _ out: inout Sender) {
        // With every message of some kinds: mostly there is nothing to note.
        guard !trials.isEmpty || !told.isEmpty || !missing.isEmpty else { return }
        trials[right] = nil
        missing.remove(right)
        told.remove(right)
        tellMissing(&out)
    }

    mutating func deny(_ right: Right, _ out: inout Sender) {
        trials[right] = nil
        missing.insert(right)
        tellMissing(&out)
    }

    /// Tells all that is missing, once nothing is being tried any more, if some of it was not told yet.
    private mutating func tellMissing(_ out: inout Sender) {
        guard trials.isEmpty, !missing.isSubset(of: told) else { return }
        told.formUnion(missing)
        let complaint = Right.complaint(of: Right.allCases.filter(missing.contains), topics)
        out.log(.error, complaint)
    }

    // MARK: - What the broker does not do

    mutating func takeRefusal(
        of filter: String,
        _ code: ReasonCode,
        at uptime: Int64,
        _ out: inout Sender
    ) -> Outcome {
        let words = "the broker refused the subscription to \(filter): \(code)"
        let isForWantOfRight = code == .notAuthorized || code == .unspecified
        if filter == SystemTopics.uptime {
            lackUptime(code, &out)
        } else if filter == SystemTopics.dropped {
            out.logOnce(.notice, "\(words): what it drops is found by the audit alone")
        } else if isForWantOfRight, let right = Right(topic: filter, topics) {
            out.logOnce(.notice, words)
            return doubt(right, at: filter, uptime, &out)
        } else {
            out.log(.error, words)
        }
        return .goesOn
    }

    /// The broker's uptime does not come.
    ///
    /// - Parameter refusal: What it has refused the subscription with; `nil` where it has granted it.
    func lackUptime(_ refusal: ReasonCode?, _ out: inout Sender) {
        if needsUptime { out.logOnce(.error, SystemTopics.complaint(refusal: refusal)) }
    }

    /// Presence cannot work with this broker: nobody is served, since all that were told would be lies.
    mutating func despair(_ lack: String, _ out: inout Sender) {
        isUnfit = true
        out.logOnce(
            .error,
            "the broker \(lack): presence cannot work with it, and this bridge does not serve"
        )
    }
}
