import Presence

/// The devices that are remembered, user by user, in the order in which they were first heard of.
struct DeviceTable: Sendable {
    private var users: ContiguousArray<[Device]> = [[]]  // The number 0 stands for everyone.
    private var lastNumber: DeviceNumber = 0

    /// One more than the highest number of a user with devices.
    var end: UserID { UserID(users.count) }

    /// The users who may have devices.
    var all: Range<UserID> { 1..<max(1, end) }

    /// A user's devices; none for one that no device ever spoke of.
    subscript(id: UserID) -> [Device] {
        _read { yield users[id < users.count ? Int(id) : 0] }
    }

    /// One of a user's devices.
    subscript(id: UserID, index: Int) -> Device {
        _read { yield users[Int(id)][index] }
        _modify { yield &users[Int(id)][index] }
    }

    /// Where a device stands among a user's devices, when it is sought from a place on, to the end and
    /// then from the beginning.
    func index(of device: Name, of id: UserID, from place: Int) -> Int? {
        let devices = self[id]
        let start = min(place, devices.count)
        return devices[start...].firstIndex { $0.name == device }
            ?? devices[..<start].firstIndex { $0.name == device }
    }

    /// Where a device stands among a user's devices.
    func index(of device: Name, of id: UserID) -> Int? {
        guard id < users.count else { return nil }
        for index in users[Int(id)].indices where users[Int(id)][index].name == device {
            return index
        }
        return nil
    }

    /// Where the device with a number stands among a user's devices.
    func index(of number: DeviceNumber, of id: UserID) -> Int? {
        guard id < users.count else { return nil }
        for index in users[Int(id)].indices where users[Int(id)][index].number == number {
            return index
        }
        return nil
    }

    /// How many of a user's devices count as online.
    func onlineCount(of id: UserID) -> Int { self[id].count { $0.shown != nil } }

    /// Adds a device to a user's; returns where it stands.
    @discardableResult
    mutating func append(_ device: Device, to id: UserID) -> Int {
        while users.count <= id { users.append([]) }
        lastNumber &+= 1
        users[Int(id)].append(device)
        let index = users[Int(id)].count - 1
        users[Int(id)][index].number = lastNumber
        return index
    }

    /// Forgets a device.
    mutating func remove(_ id: UserID, _ index: Int) { users[Int(id)].remove(at: index) }
}
