import Logging
import Mosquitto
import PresenceCore

/// How the link finds out what it may not do, and what the broker cannot.
extension Link {
    /// How long what tries a right may take to come back, in milliseconds.
    private static let probePatience: Int64 = 5_000

    /// Tries all rights at once, but that of the bridge's own topics, which the question tries.
    func tryRights(at now: Instant) {
        for right in Right.allCases {
            if let topic = probes.quiet(right) { attempt(right, through: topic, at: now) }
        }
    }

    /// Tries a right: what is read must come back, what is written must not be refused.
    private func attempt(_ right: Right, through topic: String, at now: Instant) {
        rights.attempt(right, through: topic, until: now.uptime + Self.probePatience)
        if right.isRead { subscribe([topic], .bridge) }
        publish(Message(topic: topic, payload: "", qos: 1))
    }

    /// A right does not hold at a topic: it may hold at another, else it is missing.
    func doubt(_ right: Right, at topic: String, _ now: Instant, _ inputs: inout [Input]) {
        if topic == probes.quiet(right), let exact = probes.exact(right) {
            return attempt(right, through: exact, at: now)
        }
        rights.deny(right)
        tellMissing()
        if right == .bridge, !isUnfit { perform(duty.goBlind(at: now), at: now, &inputs) }
    }

    /// A right was proved.
    func confirm(_ right: Right) {
        rights.confirm(right)
        tellMissing()
    }

    private func tellMissing() {
        if let missing = rights.takeNews() {
            log.error("\(Right.complaint(of: missing, topics))")
        }
    }

    /// Finds out which rights are missing by what has not come.
    func checkRights(at now: Instant, _ inputs: inout [Input]) {
        for (right, topic) in rights.overdue(at: now.uptime) {
            doubt(right, at: topic, now, &inputs)
        }
        guard let overdue = readings.overdue(at: now.uptime) else { return }
        guard overdue.scope == .connection, overdue.hasStalled(at: now.uptime) else {
            readAgain(overdue, at: now)
            return
        }
        rights.deny(.device)
        tellMissing()
        rest("the retained device topics cannot be read", at: now)
        inputs.append(.brokerLost)
    }

    /// The broker has refused a subscription.
    func takeRefusal(
        of filter: String,
        _ code: ReasonCode,
        at now: Instant,
        _ inputs: inout [Input]
    ) {
        let isForWantOfRight = code == .notAuthorized || code == .unspecified
        if filter == uptimeTopic {
            lackUptime(code)
        } else if filter == droppedTopic {
            remark(
                """
                the broker refused the subscription to \(filter): \(code): what it drops is found by \
                the audit alone
                """
            )
        } else if isForWantOfRight, let right = Right(topic: filter, topics) {
            remark("the broker refused the subscription to \(filter): \(code)")
            doubt(right, at: filter, now, &inputs)
        } else {
            log.error("the broker refused the subscription to \(filter): \(code)")
        }
    }

    /// The broker's uptime does not come; `nil` where the broker has granted the subscription.
    func lackUptime(_ refusal: ReasonCode?) {
        guard settings.limits.watchesBrokerRestart else { return }
        let words = complaintOfUptime(refusal: refusal)
        if remarks.insert(words).inserted { log.error("\(words)") }
    }

    private func remark(_ words: String) {
        if remarks.insert(words).inserted { log.notice("\(words)") }
    }

    /// Presence cannot work with this broker: nobody is served, since all that were told would be lies.
    func despair(_ lack: String) {
        isUnfit = true
        let words =
            "the broker \(lack): presence cannot work with it, and this bridge does not serve"
        if remarks.insert(words).inserted { log.error("\(words)") }
    }
}
