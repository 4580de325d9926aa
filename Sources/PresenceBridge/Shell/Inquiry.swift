import Presence
import PresenceHTTP

/// Something that another thread asks of the loop's thread, and what is called with the answer, there.
///
/// Each is answered once at most, in the turn that takes it; whoever asks waits for so long and no longer.
package enum Inquiry: Sendable {
    /// A question for the core.
    case question(Question, @Sendable (Question.Answer) -> Void)
    /// How the bridge stands.
    case standing(@Sendable (Standing) -> Void)
    /// What it has counted and measured.
    case measures(@Sendable ([Measure]) -> Void)
}
