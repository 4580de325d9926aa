/// A device that is online, and its word.
public struct DeviceStatus: Hashable, Sendable {
    /// The device.
    public var name: Name
    /// What it says.
    public var status: StatusWord

    /// A device with its word.
    public init(name: Name, status: StatusWord) {
        self.name = name
        self.status = status
    }
}
