import Presence

/// What a turn has gathered that goes out when it ends.
struct Turn: Sendable {
    /// A request and its answer, which waits for the store and for the answers before it.
    struct Answered: Sendable {
        var message: RequestMessage
        /// What was carried out; `nil` when it was refused, whatever becomes of the store.
        var call: Call?
        var payload: [UInt8]
    }

    /// Requests that have come in.
    var requests: [RequestMessage] = []
    /// Corrections to device topics.
    var writes: [Effect] = []
    /// What devices are told that have asked nothing.
    var replies: [Reply] = []
    /// Answers to requests, in the order in which those came: a client of MQTT 3.1.1 may tell them
    /// apart by nothing else.
    var answered: [Answered] = []
    /// Whether the bridge begins to serve, or serves under another epoch, with this turn.
    var serves = false
    /// Whether the broker's plugin is asked what was stated since the broker's start.
    var asksForStated = false
}
