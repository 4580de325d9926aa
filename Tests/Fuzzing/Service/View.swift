import Presence
import PresenceCore

/// What can be seen of a core by asking copies of it.
struct View {
    private var answers: [String: [UInt8]] = [:]

    /// Asks for a user's status.
    mutating func look(at user: Name, in core: PresenceCore, at now: Instant) {
        let usernames = "{\"usernames\":[\(JSONGrammar.string(user.text))]}"
        // A caller of its own, who has asked nothing before.
        ask(Name(checked: "somebody else"), "get", usernames, about: user, core, now)
    }

    /// Asks for all there is to know of a user.
    mutating func lookClosely(at user: Name, in core: PresenceCore, at now: Instant) {
        look(at: user, in: core, at: now)
        for operation in ["subscriptions", "watchers", "sync"] {
            ask(user, operation, "", about: user, core, now)
        }
    }

    private mutating func ask(
        _ caller: Name,
        _ operation: String,
        _ payload: String,
        about user: Name,
        _ core: PresenceCore,
        _ now: Instant
    ) {
        var core = core
        var effects: [Effect] = []
        let message = RequestMessage(
            user: caller,
            device: Name(checked: "view"),
            operation: operation,
            payload: Array(payload.utf8)
        )
        core.handle(.requestReceived(message), at: now, into: &effects)
        core.handle(.turnEnded, at: now, into: &effects)
        core.handle(.saved, at: now, into: &effects)
        let replies = effects.compactMap { if case .reply(let reply) = $0 { reply } else { nil } }
        answers["\(operation) \(user)"] = replies.last?.payload
    }

    /// The words of a user's devices that are online.
    func words(of user: Name) -> [Name: String] {
        guard let answer = answers["get \(user)"], let value = try? JSONValue(parsing: answer),
            let status = value.object?["result"]?.object?["users"]?.array?.first?.object,
            let devices = status["devices"]?.object
        else { return [:] }
        let pairs = devices.map { (Name(checked: $0.key), $0.value.string ?? "") }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Whether nothing differs; what was not answered, since somebody asks too much, is left out.
    func agrees(with other: View) -> Bool {
        answers.allSatisfy { question, answer in
            guard let theirs = other.answers[question] else { return true }
            return answer == theirs || answer.isRateLimited || theirs.isRateLimited
        }
    }
}

extension [UInt8] {
    fileprivate var isRateLimited: Bool { text.contains("rate_limited") }
}
