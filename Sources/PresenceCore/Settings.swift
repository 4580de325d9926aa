import Presence

/// What all parts of the core are told: the names of topics, the operator's limits, and how long a
/// publish the broker takes.
///
/// An object, since each request that waits for the store refers to what held when it came.
final class Settings: Sendable {
    let topics: Topics
    let bridgeID: String
    let limits: Limits
    let packets: PacketLimit

    init(topics: Topics, bridgeID: String, limits: Limits, packets: PacketLimit = PacketLimit()) {
        self.topics = topics
        self.bridgeID = bridgeID
        self.limits = limits
        self.packets = packets
    }

    /// The same with other limits, the operator's or the broker's.
    func with(limits: Limits? = nil, packets: PacketLimit? = nil) -> Settings {
        Settings(
            topics: topics,
            bridgeID: bridgeID,
            limits: limits ?? self.limits,
            packets: packets ?? self.packets
        )
    }

    var ownTopic: String { topics.bridge(bridgeID) }

    /// The most bytes of a batch of events to any watcher.
    var eventRoom: Int { packets.eventRoom(topics) }

    /// The most bytes of a status; `nil` where every status fits.
    var statusRoom: Int? {
        let room = packets.statusRoom(topics)
        return limits.longestStatus > room ? room : nil
    }
}
