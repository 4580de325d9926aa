import Presence

/// The device topics on which something was retained since the broker's start, and that are not empty
/// again.
///
/// What a broker that was killed has kept may be old, and a retained message carries no date. Only the
/// broker knows what came since: the plugin notes it, for a bridge that was away meanwhile.
public struct StatedTopics: Sendable {
    /// The most devices that are noted of a user: nobody takes up the room of others.
    public static let mostOfUser = 256
    /// The most devices that are noted in all.
    public static let most = 1_000_000

    private let most: Int
    private var users: [Name: [Name]] = [:]
    /// How many devices are noted.
    public private(set) var count = 0

    /// Nothing was stated yet.
    ///
    /// - Parameter most: The most devices that are noted.
    public init(most: Int = Self.most) { self.most = most }

    /// Something was retained on the topic of a device, or the topic was emptied.
    ///
    /// What goes beyond the limits is not noted: the bridge asks such a device, as without the plugin.
    public mutating func note(_ device: DeviceKey, isEmptied: Bool) {
        guard let index = users[device.user]?.firstIndex(of: device.device) else {
            guard !isEmptied, count < most,
                users[device.user]?.count ?? 0 < Self.mostOfUser
            else { return }
            users[device.user, default: []].append(device.device)
            count += 1
            return
        }
        guard isEmptied else { return }
        users[device.user]?.remove(at: index)
        if users[device.user]?.isEmpty == true { users[device.user] = nil }
        count -= 1
    }

    /// All of them, in no order.
    public var devices: [DeviceKey] {
        var devices: [DeviceKey] = []
        devices.reserveCapacity(count)
        for (user, names) in users {
            for name in names { devices.append(DeviceKey(user, name)) }
        }
        return devices
    }
}
