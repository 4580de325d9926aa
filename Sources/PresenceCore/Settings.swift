import Presence

/// What all parts of the core are told: the names of topics, the operator's limits, and how long a
/// publish the broker takes.
struct Settings: Sendable {
    /// The names of topics.
    let topics: Topics
    /// How the bridge marks what it writes to device topics.
    let bridgeID: String
    /// The operator's limits.
    var limits: Limits
    /// How long a publish the broker takes.
    var packets = PacketLimit()

    /// The topic of the bridge's own state.
    var ownTopic: String { topics.bridge(bridgeID) }

    /// The most bytes of a batch of events to any watcher.
    var eventRoom: Int { packets.eventRoom(topics) }

    /// The most bytes of a status; `nil` where every status fits.
    var statusRoom: Int? {
        let room = packets.statusRoom(topics)
        return limits.longestStatus > room ? room : nil
    }
}
