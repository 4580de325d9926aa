import Presence
import PresenceHTTP

/// Something that another thread asks of the loop's thread, and what is called with the answer, there.
///
/// Each is answered once at most, as a rule in the turn that takes it; whoever asks waits for so long and no longer.
package enum Inquiry: Sendable {
    /// What was read of the change log for the core; `nil` where it could not be read. It is no question, and
    /// is not answered.
    case recalled(UInt64, [LoggedChange]?)
    /// A question for the core.
    case question(Question, @Sendable (Question.Answer) -> Void)
    /// How the bridge stands.
    case standing(@Sendable (Standing) -> Void)
    /// What it has counted and measured.
    case measures(@Sendable ([Measure]) -> Void)
}

extension Inquiry {
    /// About how many users its answer is about, so how long it takes: 1 at least.
    var weight: Int {
        if case .recalled(_, let changes) = self { return max(1, changes?.count ?? 1) }
        guard case .question(let question, _) = self else { return 1 }
        switch question.act {
        case .status, .explanation, .statement, .erasure: return 1
        // A page may be asked for of any size; it is refused then.
        case .request(let request): return min(max(1, request.weight), 1_000_000)
        }
    }
}

extension Request {
    /// How many users it names, or the page that it asks for has.
    fileprivate var weight: Int {
        switch self {
        case .get(let names), .getBrief(let names): names.count
        case .subscribe(.users(let names), _), .unsubscribe(.users(let names)): names.count
        // The change log is read elsewhere.
        case .subscribe(.everyone, _), .publish, .history: 1
        // All that a user may be subscribed to, and more than any page has.
        case .unsubscribe(.everyone): 1_000
        case .online(let size, _), .watchers(let size, _): Int(clamping: size ?? 50)
        // All that a user has are put in order for each page.
        case .subscriptions, .sync: 100
        }
    }
}
