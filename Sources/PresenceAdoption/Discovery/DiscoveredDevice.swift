import Presence

/// A device that a discovery message of Home Assistant describes, as far as it says where availability is published.
public struct DiscoveredDevice: Hashable, Sendable {
    /// What it is known by: its first identifier, or else its first connection, or else where its message stands.
    public var id: String { exactID.text }
    /// What it is called; its ``id``, if nothing is given.
    public let name: String
    /// Whether the message names it otherwise than by what it is known by.
    package let isNamed: Bool
    /// What its entities go by, each once: it is there as long as any of them holds.
    public package(set) var availabilities: [DiscoveredAvailability]
    package let exactID: ExactText

    /// - Parameter name: What it is called; `nil` if nothing is given.
    package init(id: String, name: String?, availabilities: [DiscoveredAvailability]) {
        exactID = ExactText(id)
        self.name = name ?? id
        isNamed = name != nil
        self.availabilities = availabilities
    }
}
