import Presence
import PresenceCore

/// What must hold of a statement that came alone in its turn, from a user who does not speak too
/// much: it counts, or is answered with an error, and its topic is put right or cleared.
struct StatementRules {
    private let topics: Topics
    private let report: Report
    private let effects: [Effect]
    private let limits: Limits
    private let bridgeID: String

    init(
        _ topics: Topics,
        _ report: Report,
        _ effects: [Effect],
        _ limits: Limits,
        bridgeID: String
    ) {
        self.topics = topics
        self.report = report
        self.effects = effects
        self.limits = limits
        self.bridgeID = bridgeID
    }

    /// The rules that are broken, in words.
    ///
    /// - Parameter words: the user's devices that are online now, and their words.
    func broken(words: [Name: String]) -> [String] {
        let refusals = refusals
        do throws(Refusal) {
            guard !report.payload.isEmpty, report.by != bridgeID else { return [] }
            let said = try Statement(reading: report.payload, longest: limits.maxStatement)
            guard said.by != bridgeID else { return [] }
            guard refusals.isEmpty else {
                let isFull = refusals == [.tooManyDevices] && words.count >= limits.maxDevices
                return isFull && said.status.isOnline && isPutRight
                    ? [] : ["a statement that is right was refused: \(refusals)"]
            }
            guard said.status.isOnline else { return [] }
            let word = words[report.device]
            return word == said.status.text
                ? [] : ["\(report.device) said \(said.status) and counts as \(word ?? "offline")"]
        } catch {
            if refusals != [error.code] {
                return ["a wrong statement was answered \(refusals) and not \(error.code)"]
            }
            return isPutRight ? [] : ["the topic of a wrong statement was left as it is"]
        }
    }

    /// The errors that were answered to the device.
    private var refusals: [ErrorCode] {
        effects.compactMap { effect in
            guard case .reply(let reply) = effect,
                reply.topic == topics.response(report.user, report.device),
                case .success(let answer) = JSONText.object(reply.payload),
                answer.keys == ["operation", "error"],
                answer["operation"] == .string("device"),
                reply.payload.count <= AnswerRules.longestError
            else { return nil }
            return answer["error"]?.object?["code"]?.string.flatMap(ErrorCode.init)
        }
    }

    private var isPutRight: Bool {
        effects.contains { effect in
            switch effect {
            case .retain(.device(report.user, report.device), _),
                .clear(.device(report.user, report.device)):
                true
            default: false
            }
        }
    }
}
