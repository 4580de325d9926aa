import AdoptionCaptures
import Presence
import PresenceAdoption

@testable import PresenceCore

extension Bridge {
    /// A bridge with `adopt` lines that has read an empty broker and serves.
    static func adopting(
        _ lines: String...,
        change: (inout Limits) -> Void = { _ in }
    ) throws -> Bridge {
        let plan = try AdoptionPlan(lines.map { try AdoptionLine($0) }, topicPrefix: "presence")
        var bridge = Bridge(adopting: plan, change)
        bridge.connect()
        bridge.uptime()
        return bridge
    }

    /// A message on a topic that was adopted, which the broker keeps unless that is not wanted.
    @discardableResult
    mutating func hears(_ topic: String, _ payload: [UInt8], retained: Bool = true) -> [Effect] {
        if retained { adopted[topic] = payload.isEmpty ? nil : payload }
        return send(.adoptedHeard(AdoptedMessage(topic: topic, payload: payload, isFound: false)))
    }

    /// A message on a topic that was adopted.
    @discardableResult
    mutating func hears(_ topic: String, _ payload: String, retained: Bool = true) -> [Effect] {
        hears(topic, Array(payload.utf8), retained: retained)
    }

    /// Everything of a captured section, one after the other, with no time between.
    @discardableResult
    mutating func hears(capture section: String) throws -> [Effect] {
        try Capture.messages(section).flatMap {
            hears($0.topic, $0.payload, retained: $0.isRetained)
        }
    }

    /// The cause of a user's being away.
    func cause(_ user: String) -> Cause? { status(user)?.cause }
}

extension Bridge {
    func isOnline(_ user: String) -> Bool { status(user)?.isOnline == true }

    /// A message that describes something, and what is retained on the topics that are listened to for that.
    @discardableResult
    mutating func learns(_ topic: String, _ text: String) -> [Effect] {
        let effects = hears(topic, text)
        return effects + listens(effects)
    }

    /// What is retained on the topics that are to be listened to comes.
    @discardableResult
    mutating func listens(_ effects: [Effect]) -> [Effect] {
        var all = answerReadings(in: effects)
        for topic in effects.listened {
            guard let payload = adopted[topic] else { continue }
            all += send(
                .adoptedHeard(AdoptedMessage(topic: topic, payload: payload, isFound: true))
            )
        }
        return all
    }
}

extension [Effect] {
    var listened: [String] {
        var topics: [String] = []
        for case .listen(let filters) in self { topics += filters.map(\.text) }
        return topics
    }

    var stopped: [String] {
        var all: [String] = []
        for case .stopListening(let topics) in self { all += topics }
        return all
    }

    var lines: [String] {
        var lines: [String] = []
        for case .log(_, let words) in self { lines.append(words) }
        return lines
    }
}
