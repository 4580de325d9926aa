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
    func index(of device: Name) -> Int? {
        for index in devices.indices where devices[index].name == device { return index }
        return nil
    }

    /// Where the device with a number stands among the devices.
    func index(of number: DeviceNumber) -> Int? {
        for index in devices.indices where devices[index].number == number { return index }
        return nil
    }
}

/// The part of a user's status whose change is told.
struct Visible: Hashable, Sendable {
    /// The devices that are online, sorted by name.
    var devices: [DeviceStatus]
    /// The description.
    var description: String
}

extension User {
    /// Takes in what was known before a restart of the bridge.
    mutating func restore(_ record: UserRecord) {
        description = record.description
        descriptionExpires = record.descriptionExpires
        cause = record.cause
        since = record.since
        updated = record.updated
        seq = record.seq
    }
}

extension Visible {
    /// Shows a device with a word, or with `nil` not at all.
    mutating func show(_ status: StatusWord?, of name: Name) {
        devices.removeAll { $0.name == name }
        guard let status else { return }
        let place = devices.firstIndex { name < $0.name } ?? devices.count
        devices.insert(DeviceStatus(name: name, status: status), at: place)
    }
}

extension User {
    /// Gives a user who looks different than before its new times and number.
    mutating func change(from touch: Touch, isOnline: Bool, second: Int64, at now: Instant) {
        seq = max(seq + 1, now.unix)
        updated = second
        switch (touch.before.devices.isEmpty, isOnline) {
        case (true, true):
            since = second
            cause = nil
        case (false, false):
            since = max(since ?? 0, touch.departure?.came ?? second)
            cause = touch.departure?.cause ?? .logout
        case (true, false), (false, true):
            break
        }
    }
}

/// What devices say and what becomes of it: the users' statuses.
struct Roster: Sendable {
    private var users: ContiguousArray<User> = [User()]  // The number 0 stands for everyone.
    private var lastDevice: DeviceNumber = 0
    /// Who is online.
    private(set) var online = BitSet()
    /// How many users have a status.
    private(set) var knownUsers = 0
    /// How many devices count as online.
    private(set) var onlineDevices = 0

    /// What is known of a user; nothing for one that no device ever spoke of.
    subscript(id: UserID) -> User {
        _read { yield users[id < users.count ? Int(id) : 0] }
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

    /// One of a user's devices.
    subscript(id: UserID, index: Int) -> Device {
        _read { yield users[Int(id)].devices[index] }
        _modify {
            let wasShown = users[Int(id)].devices[index].shown != nil
            yield &users[Int(id)].devices[index]
            let isShown = users[Int(id)].devices[index].shown != nil
            if isShown != wasShown {
                onlineDevices += isShown ? 1 : -1
                online.set(Int(id), to: isShown || users[Int(id)].isOnline)
            }
        }
    }

    /// Where a user's device stands among its devices, in place.
    func index(of device: Name, of id: UserID) -> Int? {
        id < users.count ? users[Int(id)].index(of: device) : nil
    }

    /// Adds a device to a user's; returns where it stands.
    @discardableResult
    mutating func append(_ device: Device, to id: UserID) -> Int {
        lastDevice &+= 1
        self[id].devices.append(device)
        let index = self[id].devices.count - 1
        self[id, index].number = lastDevice
        return index
    }

    /// Whether any device of a user counts as online, by the count.
    func isOnline(_ id: UserID) -> Bool { online.contains(Int(id)) }

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
