import Presence

/// A device of a user.
public struct DeviceID: Hashable, Sendable {
    /// Whose it is.
    public let user: Name
    /// What it is called.
    public let device: Name

    /// A device of a user.
    public init(user: Name, device: Name) {
        self.user = user
        self.device = device
    }

    /// The device that a connection is, if it states nothing itself; `nil` if the user can have none.
    ///
    /// A client id that is no name of a device, for its length or a slash in it, is hashed whatever
    /// the option says. What it becomes is the same after every restart.
    init?(username: String, clientID: String, naming: PluginOptions.DeviceName) {
        guard let user = Name(user: username) else { return nil }
        self.user = user
        if naming == .id, let device = Name(device: clientID) {
            self.device = device
        } else {
            device = Name(checked: SHA256.hexadecimal(of: clientID, bytes: 8))
        }
    }
}
