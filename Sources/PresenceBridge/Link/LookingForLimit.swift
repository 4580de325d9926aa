import Logging
import Mosquitto
import Presence
import PresenceCore

/// How the link finds out whether the broker limits what a reading brings: ``LimitCheck`` decides.
extension Link {
    /// What comes back when the additions are with the broker.
    private static let added = "added"
    /// What comes back behind the second reading.
    private static let counted = "counted"

    /// Counts what came by the wildcard of all devices.
    func count(_ message: Message) {
        limitCheck.hear(isRetained: message.retain, isEmpty: message.payload.isEmpty)
    }

    /// Retains the additions, if there is a reason to.
    ///
    /// They go with QoS 0, as all that is read does, so that what follows comes back behind them.
    func lookForLimit(_ isSuspicious: Bool) {
        guard isSuspicious else { return }
        for topic in probes.additions { publish(Message(topic: topic, payload: "1", retain: true)) }
        publish(Message(topic: probes.marker, payload: Self.added))
    }

    /// Takes what ends a step of it, if it is that.
    func takeLimitMarker(_ message: Message, _ inputs: inout [Input]) -> Bool {
        switch message.text {
        case Self.added:
            // Without a reading that has begun meanwhile, one begins now.
            if limitCheck.count(), !readings.isFull {
                subscribe([topics.everyDevice], .device)
                publish(Message(topic: probes.marker, payload: Self.counted))
            }
        case Self.counted: endLookingForLimit(isCut: false, &inputs)
        default: return false
        }
        return true
    }

    /// Everything was read again.
    ///
    /// - Parameter isCut: Whether the broker has dropped something of it.
    func endLookingForLimit(isCut: Bool, _ inputs: inout [Input]) {
        guard limitCheck.isAdding else { return }
        if let limit = limitCheck.end(), !isCut {
            tellLimit(limit)
            inputs.append(.readingsLimited)
        }
        for topic in probes.additions {
            publish(Message(topic: topic, payload: "", retain: true))
        }
    }

    /// Takes one of the additions: it counts like a device.
    ///
    /// What was left of another try is cleared.
    func takeAddition(_ message: Message) {
        guard !message.payload.isEmpty else {
            if version == .v311 { _ = takeOwnClear(message.topic) }
            return
        }
        if limitCheck.isAdding {
            count(message)
        } else if message.retain {
            publish(Message(topic: message.topic, payload: "", retain: true))
        }
    }

    private func tellLimit(_ limit: Int) {
        let words =
            """
            the broker sends no more than \(limit) retained messages to a subscription with a \
            wildcard, so this bridge does not find every device that is there: it asks alone for \
            those that it knows, and learns of others when they state themselves again. ejabberd: \
            set match_retained_limit: infinity for mod_mqtt
            """
        if remarks.insert(words).inserted { log.error("\(words)") }
    }
}
