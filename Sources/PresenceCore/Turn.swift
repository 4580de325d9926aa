import DequeModule
import Presence

/// What a turn has gathered that goes out when it ends.
struct Turn: Sendable {
    /// What waits for the end of the turn to be carried out, or to be answered.
    enum Asked: Sendable {
        case request(RequestMessage)
        case question(Question)
        /// The question of this number was carried out as it came, or is refused.
        case done(UInt64, Refusal?)
    }

    /// An answer, which waits for the store and for the answers before it.
    struct Answered: Sendable {
        var answer: Effect
        /// What was carried out, and depends on what becomes of the store; `nil` when it was refused.
        var call: Call?
    }

    var requests: Deque<Asked> = []
    /// Corrections to device topics.
    var writes: [Effect] = []
    /// What devices are told that have asked nothing.
    var replies: [Reply] = []
    /// Answers to requests and questions, in the order in which those came: a client of MQTT 3.1.1 may tell them
    /// apart by nothing else.
    var answered: [Answered] = []
    /// The statuses that were written for the change log, and are told as they were written.
    var payloads: StatusPayloads?
    /// The topics that were learned with this turn.
    var learned = LearnedTopics()
    /// Whether the bridge begins to serve, or serves under another epoch, with this turn.
    var serves = false
    /// Whether the broker's plugin is asked what was stated since the broker's start.
    var asksForStated = false
}
