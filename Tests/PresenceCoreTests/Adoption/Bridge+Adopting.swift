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
