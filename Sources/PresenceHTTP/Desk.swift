import Presence

/// Where the HTTP side takes its questions: the bridge, as far as it knows it.
///
/// Everything is decided behind it. Each call may come from any thread, and returns within a bounded time.
public protocol Desk: Sendable {
    /// Asks the bridge; refused with ``ErrorCode/unavailable`` where no answer comes.
    func ask(_ question: Question) async -> Question.Answer
    /// Wakes the bridge's loop, and says how the bridge stands when it has turned; `nil` if it has not within five
    /// seconds.
    func readiness() async -> Readiness?
    /// Why nobody may read the change log now; `nil` if they may.
    func changesRefusal() -> ChangesRefusal?
    /// Changes with higher ids than one, in the order of their ids; of `nil` those from now on. Where there is
    /// none, it waits for one, so long and hardly longer.
    func changes(
        after id: Int64?,
        limit: Int,
        waiting patience: Duration
    ) async throws(ChangesRefusal) -> ChangePage
    /// What the bridge has counted and measured; `nil` if its loop does not turn.
    func measures() async -> [Measure]?
}
