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

extension DeviceKey {
    /// The device that two levels of a topic name, `user/device`; `nil` for anything else.
    package init?(levels: some Collection<UInt8>) {
        let levels = levels.split(
            separator: UInt8(ascii: "/"),
            maxSplits: 2,
            omittingEmptySubsequences: false
        )
        guard levels.count == 2, let user = Name(user: String(decoding: levels[0], as: UTF8.self)),
            let device = Name(device: String(decoding: levels[1], as: UTF8.self))
        else { return nil }
        self.init(user, device)
    }
}
