import Presence

/// What is known of one user: its devices, and what is told of it.
struct User: Hashable, Sendable {
    /// The devices that are remembered, in the order in which they were first heard of.
    var devices: [Device] = []
    /// The description last published, `""` if there is none.
    var description = ""
    /// The Unix second at which the description goes away by itself.
    var descriptionExpires: Int64?
    /// Why the last device went.
    var cause: Cause?
    /// The second at which the user came online or was last seen.
    var since: Int64?
    /// The second of the last change.
    var updated: Int64?
    /// The number of the last change, 0 for a user who was never seen.
    var seq: Int64 = 0
    /// When the user's alarm goes off, in milliseconds since 1970.
    var wake: Int64?

    /// Whether any device counts as online.
    var isOnline: Bool { devices.contains { $0.shown != nil } }

    /// How many devices count as online.
    var onlineDevices: Int { devices.count { $0.shown != nil } }

    /// Whether there is anything to know of the user beyond its name.
    var isKnown: Bool { seq > 0 || !devices.isEmpty || !description.isEmpty }

    /// What others see of the user now, except for the times.
    var visible: Visible {
        var shown: [DeviceStatus] = []
        for device in devices {
            if let status = device.shown {
                shown.append(DeviceStatus(name: device.name, status: status))
            }
        }
        if shown.count > 1 { shown.sort { $0.name < $1.name } }
        return Visible(devices: shown, description: description)
    }

    /// Where a device stands among the devices.
    func index(of device: Name) -> Int? { devices.firstIndex { $0.name == device } }
}

/// The part of a user's status whose change is told.
struct Visible: Hashable, Sendable {
    /// The devices that are online, sorted by name.
    var devices: [DeviceStatus]
    /// The description.
    var description: String
}

/// What devices say and what becomes of it: the users' statuses.
struct Roster: Sendable {
    private var users: ContiguousArray<User> = [User()]  // The number 0 stands for everyone.
    /// Who is online.
    private(set) var online = BitSet()
    /// How many users have a status.
    private(set) var knownUsers = 0
    /// How many devices count as online.
    private(set) var onlineDevices = 0

    /// What is known of a user; nothing for one that no device ever spoke of.
    subscript(id: UserID) -> User {
        get { id < users.count ? users[Int(id)] : User() }
        _modify {
            while users.count <= id {
                users.append(User())
            }
            let (known, devices) = (users[Int(id)].seq > 0, users[Int(id)].onlineDevices)
            yield &users[Int(id)]
            knownUsers += (users[Int(id)].seq > 0 ? 1 : 0) - (known ? 1 : 0)
            let now = users[Int(id)].onlineDevices
            onlineDevices += now - devices
            online.set(Int(id), to: now > 0)
        }
    }

    /// One more than the highest number of a user.
    var end: UserID { UserID(users.count) }

    /// The status of a user as it was last sealed, with what is visible now.
    func status(of id: UserID, named name: Name) -> UserStatus {
        let user = self[id]
        guard user.seq > 0 else { return UserStatus(username: name) }
        let visible = user.visible
        return UserStatus(
            username: name,
            description: visible.description,
            devices: visible.devices,
            cause: user.cause,
            since: user.since,
            updated: user.updated,
            seq: user.seq
        )
    }
}
