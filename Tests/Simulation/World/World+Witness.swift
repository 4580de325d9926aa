import Mosquitto
import Presence
import PresenceCore

extension World {
    static let bridgeID = "presence-bridge"

    /// Writes down what the broker took, and tells the oracle what it needs to know.
    func witness(_ message: Message, from clientID: String, isWill: Bool) {
        let levels = message.topic.split(separator: "/", omittingEmptySubsequences: false)
        guard levels[0] == "presence" else {
            return witness(adopted: message, by: clientID, isWill: isWill)
        }
        guard levels.count >= 3 else { return }
        let bridgeID = bridgeID(ofClient: clientID)
        let isBridge = bridgeID != nil
        if let bridgeID, bridgeID != servingID, !isWill, Self.isTold(levels) {
            note(.wroteBesides(bridge: bridgeID, topic: message.topic))
        }
        switch (levels[1], levels.count) {
        case ("device", 4):
            let (user, device) = (String(levels[2]), String(levels[3]))
            guard !user.hasPrefix("$"), !device.hasPrefix("$"), !user.isEmpty else { return }
            if isBridge, message.payload.isEmpty,
                plan.limits.maxDevices < plan.devices + (plan.adopted?.beside ?? 0)
            {
                // It may have had no room for it, and the answer that said so may be lost.
                truth.refuse(user, device)
            }
            if !isBridge {
                truth.hear(
                    message.payload,
                    of: user,
                    device,
                    isRetained: message.retain,
                    at: agenda.now.uptime
                )
            }
            note(
                .stated(
                    user: user,
                    device: device,
                    payload: message.payload,
                    isRetained: message.retain,
                    by: isBridge ? .bridge : isWill ? .will : .device
                )
            )
        case ("status", 3) where isBridge: witnessStatus(message, of: String(levels[2]))
        case ("event", 3) where isBridge: witnessEvents(message, to: String(levels[2]))
        case ("response", 4...) where isBridge:
            witnessAnswer(message, to: String(levels[2]), String(levels[3]))
        case ("bridge", 3) where isBridge && !isWill:
            guard case .object(let object)? = try? JSONValue(parsing: message.payload),
                let epoch = object["epoch"]?.integer
            else { return }
            guard !ownState.serve(epoch) else { return }
            boss?.learn(epoch: epoch)
            truth.served(epoch: epoch, at: agenda.now.uptime)
            note(.bridgeServes(epoch: epoch))
        case ("bridge", 3) where isBridge && String(levels[2]) == servingID: ownState.cover()
        case ("bridge", 4) where isBridge && levels[3] == "duty":
            let value = try? JSONValue(parsing: message.payload)
            if value?.object?["duty"]?.string == "serving" { hearServing(String(levels[2])) }
        default: break
        }
    }

    /// Whether only the bridge that serves may write below a level of the topics.
    private static func isTold(_ levels: [Substring]) -> Bool {
        ["device", "status", "event", "response"].contains(levels[1]) && !levels[2].hasPrefix("$")
    }

    private func witnessStatus(_ message: Message, of user: String) {
        guard !user.hasPrefix("$") else { return }
        statusesWritten += 1
        let value = try? JSONValue(parsing: message.payload)
        note(.status(user: user, value.flatMap { StatusSeen($0) }))
    }

    private func witnessEvents(_ message: Message, to watcher: String) {
        guard !watcher.hasPrefix("$"),
            let items = (try? JSONValue(parsing: message.payload))?.array
        else { return }
        let tellings = items.compactMap { item -> EventSeen? in
            if let how = item.object?["subscription"]?.string {
                return .ended(user: item.object?["username"]?.string, how: how)
            }
            return StatusSeen(item).map(EventSeen.status)
        }
        note(.told(watcher: watcher, tellings, bytes: message.payload.count))
    }

    private func witnessAnswer(_ message: Message, to user: String, _ device: String) {
        guard !user.hasPrefix("$"), let value = try? JSONValue(parsing: message.payload),
            let object = value.object, let operation = object["operation"]?.string
        else { return }
        let tag = Tag.of(message.properties.correlationData, object["id"])
        // What could not be read, and so has no tag, is not written down where it is asked, either.
        let code = object["error"]?.object?["code"]?.string
        let isUnasked = operation == "device" || operation == "announce"
        if code == "too_many_devices" { truth.refuse(user, device) }
        guard tag != nil || isUnasked || code == "rate_limited" else { return }
        note(
            .answered(
                AnswerSeen(
                    user: user,
                    device: device,
                    operation: operation,
                    tag: tag,
                    code: code,
                    content: object["result"] ?? value
                )
            )
        )
    }

    /// Writes down what the bridge's process was handed.
    ///
    /// - Parameter isTeller: whether it is the process that tells what is told.
    func witness(taken event: Event, isTeller: Bool) {
        switch event {
        case .closed:
            trouble()
            if isTeller { note(.bridgeCutOff) }
        case .message(let message):
            // What reaches another process is asked again.
            guard isTeller, message.topic.hasPrefix("presence/request/") else { return }
            let levels = message.topic.split(separator: "/")
            guard levels.count == 5, !levels[2].hasPrefix("$") else { return }
            let payload = try? JSONValue(parsing: message.payload)
            let id = payload?.object?["id"]
            guard let tag = Tag.of(message.properties.correlationData, id) else { return }
            note(
                .asked(
                    RequestSeen(
                        user: String(levels[2]),
                        device: String(levels[3]),
                        operation: String(levels[4]),
                        tag: tag,
                        payload: payload?.object == nil ? nil : payload
                    )
                )
            )
        case .connected, .refused, .published, .subscribed, .unsubscribed: break
        }
    }
}
