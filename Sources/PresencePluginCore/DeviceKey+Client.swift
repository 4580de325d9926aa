import Presence

extension DeviceKey {
    /// The device that a connection is, if it states nothing itself; `nil` if the user can have none.
    ///
    /// A client id that is no name of a device, for its length or a slash in it, is hashed whatever
    /// the option says. What it becomes is the same after every restart.
    ///
    /// - Parameter key: What a hash is made with, so that nobody can try ids; empty for none.
    init?(username: String, clientID: String, naming: PluginOptions.DeviceName, key: String) {
        guard let user = Name(user: username) else { return nil }
        if naming == .id, let device = Name(device: clientID) {
            self.init(user, device)
        } else {
            self.init(user, Name(checked: SHA256.hexadecimal(of: clientID, key: key, bytes: 8)))
        }
    }
}
