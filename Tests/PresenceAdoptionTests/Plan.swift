import AdoptionCaptures
import Presence
import PresenceAdoption

/// What a line makes of messages, as short text.
struct Plan {
    let plan: AdoptionPlan

    init(_ lines: String..., topicPrefix: String = "presence") throws {
        plan = try AdoptionPlan(lines.map { try AdoptionLine($0) }, topicPrefix: topicPrefix)
    }

    var filters: [String] { plan.filters.map(\.text) }

    /// `tasmota-plug/tasmota online`, or what else a message says; `nil` if nobody reads its topic.
    func says(_ topic: String, _ payload: [UInt8]) -> String? {
        guard let heard = plan.hear(topic, payload) else { return nil }
        guard plan.traits(of: heard.rule).isThing else {
            return "\(plan.gateway(of: heard) ?? "") \(heard.saying.text)"
        }
        let (user, device, _) = plan.names(of: heard)
        return "\(user.text)/\(device.text) \(heard.saying.text)"
    }

    func says(_ topic: String, _ payload: String) -> String? { says(topic, Array(payload.utf8)) }

    /// What the messages of a captured section say, but for those of topics that nobody reads.
    func hears(_ section: String) throws -> [String] {
        try Capture.messages(section).compactMap { says($0.topic, $0.payload) }
    }
}

/// The reasons for which lines are refused, each with the number of its line.
func faults(_ lines: String..., topicPrefix: String = "presence") -> [String] {
    do {
        let all = try lines.map { try AdoptionLine($0) }
        _ = try AdoptionPlan(all, topicPrefix: topicPrefix)
        return []
    } catch let error as AdoptionPlanError {
        return error.problems.map { "\($0.line): \($0.reason)" }
    } catch let error as AdoptionFault {
        return [error.reason]
    } catch {
        return ["\(error)"]
    }
}

extension Saying {
    var text: String {
        switch self {
        case .online(let word): word.text
        case .lost: "lost"
        case .ended: "ended"
        case .removed: "removed"
        case .alive: "alive"
        case .present: "present"
        case .sleeps(let second): "sleeps \(second)"
        case .hangs(let name): "hangs on \(name ?? "nothing")"
        case .connected(let time): "connected at \(time)"
        case .disconnected(let time, let inOrder):
            "disconnected\(inOrder ? " in order" : "") of \(time)"
        case .born(let number): "born \(number.map(String.init) ?? "-")"
        case .died(let number): "died \(number.map(String.init) ?? "-")"
        case .nothing: "nothing"
        case .unknown: "unknown"
        }
    }
}
