/// A device of a user.
public struct DeviceKey: Hashable, Comparable, Sendable {
    /// The user.
    public var user: Name
    /// The device.
    public var device: Name

    /// A device of a user.
    public init(_ user: Name, _ device: Name) {
        self.user = user
        self.device = device
    }

    /// By user, then by device.
    public static func < (left: DeviceKey, right: DeviceKey) -> Bool {
        left.user != right.user ? left.user < right.user : left.device < right.device
    }
}
