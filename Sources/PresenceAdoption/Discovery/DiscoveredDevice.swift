import Presence

/// A device that a discovery message of Home Assistant describes, as far as it says where availability is published.
public struct DiscoveredDevice: Hashable, Sendable {
    /// What it is known by: its first identifier, or else its first connection, or else where its message stands.
    public var id: String { exactID.text }
    /// What it is called; its ``id``, if nothing is given.
    public let name: String
    /// What its entities go by, each once: it is there as long as any of them holds.
    public package(set) var availabilities: [DiscoveredAvailability]
    package let exactID: ExactText

    package init(id: String, name: String, availabilities: [DiscoveredAvailability]) {
        exactID = ExactText(id)
        self.name = name
        self.availabilities = availabilities
    }
}
