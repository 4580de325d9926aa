import Presence
import PresenceCore

extension Entry: CustomStringConvertible {
    /// One line, the same in every process.
    package var description: String {
        "\(time.uptime) \(event)"
    }
}

extension Entry.Event: CustomStringConvertible {
    package var description: String {
        switch self {
        case .fault(let fault): "FAULT \(fault.rawValue)"
        case .bridgeStarted: "bridge started"
        case .bridgeEnded(let isCrash): "bridge ended\(isCrash ? " by a crash" : "")"
        case .bridgeCutOff: "bridge cut off"
        case .bridgeServes(let epoch): "bridge serves, epoch \(epoch)"
        case .storeTaken(let bridge): "\(bridge) has the store"
        case .storeLost(let bridge): "\(bridge) has lost the store, and ended"
        case .wroteBesides(let bridge, let topic):
            "\(bridge) wrote to \(topic) while another one served"
        case .brokerStarted: "broker started"
        case .brokerEnded(let isKill): "broker \(isKill ? "killed" : "stopped")"
        case .turn(let read, let sent, let stored):
            "turn read \(read) sent \(sent) stored \(stored)"
        case .stored(let changes): "stored \(changes.map(text(of:)).joined(separator: "; "))"
        case .storeRefused: "store refused"
        case .status(let user, let status): "status \(user) \(status?.line ?? "cleared")"
        case .told(let watcher, let items, let bytes):
            "told \(watcher) \(bytes) bytes: \(items.map(\.line).joined(separator: ", "))"
        case .answered(let answer):
            "answered \(answer.user)/\(answer.device) \(answer.operation) \(answer.tag ?? "unasked") "
                + "\(answer.code ?? "") \(answer.content.line)"
        case .stated(let user, let device, let payload, let isRetained, let speaker):
            "stated \(user)/\(device) by \(speaker)\(isRetained ? "" : " not retained") "
                + String(decoding: payload, as: UTF8.self)
        case .asked(let request):
            "asked \(request.user)/\(request.device) \(request.operation) \(request.tag) "
                + "\(request.payload?.line ?? "no object")"
        case .rest(let rest): "rest \(rest)"
        case .unanswered: "the bridge does not answer"
        case .quietBegan(let quiet): "quiet: \(quiet.rawValue)"
        case .quietEnded: "quiet ended"
        case .plain(let users): "plain things: \(users.sorted().joined(separator: " "))"
        case .adopted(let things):
            "adopted: \(things.map { "\($0.user)/\($0.device)" }.joined(separator: " "))"
        case .wroteElsewhere(let topic): "the bridge wrote to \(topic)"
        case .published(let seen):
            "published \(seen.thing.user)/\(seen.thing.device) by \(seen.speaker)"
                + "\(seen.isRetained ? "" : " not retained") \(seen.saying)"
        case .operatorCalled(let user, let isErasure):
            "the operator calls about \(user)\(isErasure ? ", to erase it" : "")"
        case .operatorAnswered(let user, let isErasure):
            "the operator is answered about \(user)\(isErasure ? ", which is erased" : "")"
        case .webhookTook(let seen):
            "\(seen.url) took \(seen.changes.map { "\($0.id) \($0.user)" }.joined(separator: ", ")), "
                + "skipped \(seen.skipped)"
        case .webhookEnded(let url): "\(url) wants nothing any more"
        case .webhooksRest(let isDone): "webhooks \(isDone ? "done" : "not done")"
        case .deserted(let footprint): "deserted \(footprint)"
        }
    }

    private func text(of change: Change) -> String {
        switch change {
        case .putUser(let user): "user \(user.id) \(user.name) seq \(user.seq)"
        case .removeUser(let id): "no user \(id)"
        case .putDevice(let device): "device \(device.user)/\(device.name) \(device.status)"
        case .removeDevice(let user, let name): "no device \(user)/\(name)"
        case .putSubscription(let record):
            "\(record.watcher) watches \(record.user) until \(record.expires)"
        case .removeSubscription(let watcher, let user): "\(watcher) watches \(user) no more"
        case .putBroker(let broker): "\(broker)"
        case .log(.put(let change)): "change \(change.id) \(change.user) \(change.kind)"
        case .log(.erase(let user, let id)): "no changes of \(user) through \(id)"
        case .log(.end(let id)): "changes end at \(id)"
        case .log(.putWebhook(let position)): "\(position)"
        case .log(.removeWebhook(let url)): "no webhook \(url)"
        }
    }
}

extension StatusSeen {
    /// One line, the same in every process.
    package var line: String {
        let words = devices.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var text = "\(username)[\(words.joined(separator: " "))] \(status) #\(seq)"
        if let cause { text += " \(cause)" }
        if let since { text += " since \(since)" }
        if let updated { text += " updated \(updated)" }
        if !description.isEmpty { text += " “\(description)”" }
        if let expires { text += " until \(expires)" }
        return text
    }
}

extension EventSeen {
    /// One line, the same in every process.
    fileprivate var line: String {
        switch self {
        case .status(let status): status.line
        case .ended(let user, let how): "\(user ?? "all") \(how)"
        }
    }
}

extension JSONValue {
    /// One line of JSON, more or less.
    fileprivate var line: String {
        switch self {
        case .object(let object):
            "{\(object.map { "\($0.key):\($0.value.line)" }.joined(separator: ","))}"
        case .array(let items): "[\(items.map(\.line).joined(separator: ","))]"
        default:
            string.map { "\"\($0)\"" } ?? integer.map { "\($0)" } ?? bool.map { "\($0)" } ?? "null"
        }
    }
}

extension Rest: CustomStringConvertible {
    package var description: String {
        func list<Value>(_ table: [String: Value]) -> String {
            table.sorted { $0.key < $1.key }.map { key, value in
                if let words = value as? [String: String] { return "\(key): \(list(words))" }
                if let ends = value as? [String: Int64] { return "\(key): \(list(ends))" }
                if let status = value as? StatusSeen { return status.line }
                return "\(key) \(value)"
            }.joined(separator: ", ")
        }
        return "truth {\(list(truth))} unsure \(unsure.sorted()) retained {\(list(statuses))} "
            + "get {\(list(answers))} subscriptions {\(list(subscriptions))}"
    }
}
