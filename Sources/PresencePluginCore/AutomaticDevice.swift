import Presence

/// A device that the plugin makes of the clients that state nothing themselves.
struct AutomaticDevice: Sendable {
    /// How many connections have been there for the settling time, and how many have not.
    var present = 0
    var settling = 0
    /// The session of the plugin's last statement, while that says that the device is online.
    var session: String?
    /// What is stated when the last of the connections has ended.
    var lastWord = StatusWord.lost
    /// Whether it has to be stated again.
    var isAsked = false
    /// Whether its last client turned out to be a device of another name.
    var isMisnamed = false
    var isDue = false

    var isIdle: Bool { present == 0 && settling == 0 && session == nil && !isDue }

    /// The payload to be retained on its topic now; `nil` if it stays as it is, no bytes to clear it.
    mutating func nextPayload(newSession: () -> String) -> [UInt8]? {
        defer {
            (isDue, isAsked) = (false, false)
            isMisnamed = isMisnamed && session != nil && present == 0
        }
        if present > 0 {
            guard session == nil || isAsked else { return nil }
            let session = session ?? newSession()
            self.session = session
            return Statement(.online, session: session).payload
        }
        guard settling == 0, let session else { return nil }
        self.session = nil
        // Nobody is lost: the client is there under the name that it states itself.
        return isMisnamed ? [] : Statement(lastWord, session: session).payload
    }
}

extension DeviceKey {
    /// The device that the plugin makes of a connection; `nil` if the login is no name of a user.
    ///
    /// A client id that is no name of a device, for its length or a slash in it, is hashed whatever
    /// the option says. What it becomes is the same after every restart.
    ///
    /// - Parameter hashKey: What a hash is made with, so that nobody can try ids; empty for none.
    init?(
        username: String,
        clientID: String,
        naming: PluginOptions.DeviceName,
        hashKey: String
    ) {
        guard let user = Name(user: username) else { return nil }
        if naming == .id, let device = Name(device: clientID) {
            self.init(user, device)
        } else {
            let hash = SHA256.hexadecimal(of: clientID, key: hashKey, bytes: 8)
            self.init(user, Name(checked: hash))
        }
    }
}
