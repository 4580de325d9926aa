import Presence

/// What the messages about one device call it, and which of that holds.
///
/// A message may name no more than the identifier, and others the device by name: then the name holds. Where they differ
/// the least one does, so that it does not matter which comes first.
struct DiscoveredNames: Sendable {
    /// What a message calls a device.
    struct Name: Equatable, Sendable {
        /// Which device of which user it is by that.
        let key: DeviceKey
        /// Whether the message gives a name.
        let isGiven: Bool
        /// The line that describes it.
        let rule: Int
    }

    /// The different ones, and how many messages give each.
    private var all: [(name: Name, count: Int)] = []
    /// The name that the device has, or waits for.
    var sought: DeviceKey?

    /// The one that holds; `nil` where no message describes the device.
    var best: Name? { all.min { $0.name.precedes($1.name) }?.name }

    /// A message calls the device so.
    mutating func add(_ name: Name) {
        if let index = all.firstIndex(where: { $0.name == name }) {
            all[index].count += 1
        } else {
            all.append((name, 1))
        }
    }

    /// It does so no more.
    mutating func remove(_ name: Name) {
        guard let index = all.firstIndex(where: { $0.name == name }) else { return }
        if all[index].count > 1 { all[index].count -= 1 } else { all.remove(at: index) }
    }
}

extension DiscoveredNames.Name {
    fileprivate func precedes(_ other: Self) -> Bool {
        if isGiven != other.isGiven { return isGiven }
        return key == other.key ? rule < other.rule : key < other.key
    }
}
