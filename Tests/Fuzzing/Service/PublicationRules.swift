import Presence
import PresenceCore

/// What must hold of everything that the bridge publishes, turn after turn.
struct PublicationRules {
    /// The most effects of a turn, besides those for each input.
    private static let mostEffects = 400

    /// The number of the last status of each user.
    private var numbers: [Name: Int64] = [:]

    /// The rules that a turn's effects break, in words.
    ///
    /// - Parameter retained: what the broker held before.
    mutating func broken(
        by effects: [Effect],
        after inputs: [Input],
        _ limits: Limits,
        _ retained: [String: [UInt8]]
    ) -> [String] {
        var broken: [String] = []
        if effects.count > Self.mostEffects + 8 * inputs.count {
            broken.append("\(inputs.count) inputs led to \(effects.count) effects")
        }
        for effect in effects {
            broken += Self.topics(of: effect).filter { !Self.mayBePublished($0) }
                .map { "no broker takes the topic \($0)" }
            switch effect {
            case .retain(.status(let user), let payload): broken += status(of: user, payload)
            case .retain(.device(let user, let device), let payload):
                let statement = try? Statement(reading: payload, longest: 4_096)
                if statement?.by != Service.bridgeID || !JSONText.isReadable(payload) {
                    broken.append("\(user)/\(device) is put right with \(payload.text)")
                }
            case .retain(.discoveryMessage, _), .retain(.exportNote, _):
                broken.append("somebody is described to another program")
            case .retain(.stray(let topic), _): broken.append("\(topic) is a stray and written")
            case .clear(.status(let user)): numbers[user] = nil
            case .clear(.stray(let topic)) where retained[topic] == nil:
                broken.append("\(topic) is cleared where nothing was")
            case .notify(_, let payload): broken += events(payload, limits)
            case .reply(let reply): broken += self.reply(reply)
            case .save, .clear, .read, .serve, .mark, .askForStated, .answer, .recall, .log:
                continue
            case .command, .listen, .stopListening: continue
            }
        }
        return broken
    }

    /// The topics that an effect publishes to.
    private static func topics(of effect: Effect) -> [String] {
        let topics = Topics()
        return switch effect {
        case .retain(let topic, _), .clear(let topic):
            switch topic {
            case .device(let user, let device): [topics.device(user, device)]
            case .status(let user): [topics.status(user)]
            case .stray(let topic), .discoveryMessage(let topic): [topic]
            case .exportNote: [topics.export(Service.bridgeID)]
            }
        case .reply(let reply): [reply.topic]
        case .notify(let watchers, _): watchers.map(topics.event)
        case .save, .read, .serve, .mark, .askForStated, .answer, .recall, .command, .listen,
            .stopListening, .log:
            []
        }
    }

    /// Whether mosquitto takes a topic, by the letter of its source and of the specification.
    ///
    /// A name may have any character that the broker has let through with it.
    private static func mayBePublished(_ topic: String) -> Bool {
        let scalars = topic.unicodeScalars
        let levels = scalars.split(separator: "/", omittingEmptySubsequences: false)
        return !scalars.isEmpty && topic.utf8.count < 65_536 && levels.count <= 201
            && scalars.allSatisfy { scalar in
                !"+#".unicodeScalars.contains(scalar)
                    && scalar.properties.generalCategory != .control
            }
            && levels.dropFirst(4).allSatisfy { level in
                !level.contains { $0.properties.isNoncharacterCodePoint }
            }
    }

    /// What the effects publish that is longer than a broker takes which takes packets of so many
    /// bytes, but for notices and device topics: those are as short as can be.
    static func longer(than limit: Int, _ effects: [Effect]) -> [String] {
        let topics = Topics()
        var broken: [String] = []
        for effect in effects {
            let (topic, payload, properties): (String, [UInt8], Int)
            switch effect {
            case .reply(let reply):
                (topic, payload) = (reply.topic, reply.payload)
                properties = reply.correlationData.map { 3 + $0.count } ?? 0
            case .retain(.status(let user), let status):
                (topic, payload, properties) = (topics.status(user), status, 0)
            case .notify(let watchers, let events):
                let longest = watchers.max { $0.text.utf8.count < $1.text.utf8.count }
                (topic, payload) = (longest.map(topics.event) ?? "", events)
                properties = 5
            default: continue
            }
            // The least that there is around them: header, two lengths, identifier.
            let length = 8 + topic.utf8.count + properties + payload.count
            if length > limit { broken.append("\(length) bytes go to \(topic)") }
        }
        return broken
    }

    /// A status has its form, and a higher number than the one before.
    private mutating func status(of user: Name, _ payload: [UInt8]) -> [String] {
        guard let status = UserStatus(reading: payload, of: user), JSONText.isReadable(payload)
        else { return ["\(user) has a status that nobody reads: \(payload.text)"] }
        var broken: [String] = []
        if status.payload != payload {
            broken.append("a status is written in two ways: \(payload.text)")
        }
        for (one, next) in zip(status.devices, status.devices.dropFirst())
        where one.name >= next.name {
            broken.append("devices are out of order: \(payload.text)")
        }
        if let updated = status.updated, let since = status.since, updated < since {
            broken.append("a status is older than its since: \(payload.text)")
        }
        if (status.cause == nil) != status.isOnline, status.since != nil {
            broken.append("cause and online do not go together: \(payload.text)")
        }
        let last = numbers[user] ?? 0
        if status.seq < last { broken.append("seq goes back from \(last): \(payload.text)") }
        numbers[user] = status.seq
        return broken
    }

    private func events(_ payload: [UInt8], _ limits: Limits) -> [String] {
        guard let items = (try? JSONValue(parsing: payload))?.array, !items.isEmpty,
            JSONText.isReadable(payload)
        else { return ["an event is no array with something in it: \(payload.text)"] }
        var broken: [String] = []
        if payload.count > limits.maxMessage, items.count > 1 {
            broken.append("an event has \(payload.count) bytes")
        }
        for item in items {
            let keys = item.object?.keys ?? []
            let isStatus = keys.first == "username" && keys.last == "seq" && keys.count == 9
            let isEnd = [["username", "subscription"], ["all", "subscription"]].contains(keys)
            if !isStatus, !isEnd { broken.append("an event tells of \(item)") }
        }
        return broken
    }

    private func reply(_ reply: Reply) -> [String] {
        if !reply.topic.utf8.starts(with: "presence/response/".utf8) {
            return ["an answer goes to \(reply.topic)"]
        }
        return JSONText.isReadable(reply.payload) ? [] : ["an answer is \(reply.payload.text)"]
    }
}
