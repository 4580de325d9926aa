import Presence

/// The devices that are remembered, user by user, in the order in which they were first heard of.
struct DeviceTable: Sendable {
    private var users: ContiguousArray<[Device]> = [[]]  // The number 0 stands for everyone.
    private var lastNumber: DeviceNumber = 0

    /// One more than the highest number of a user with devices.
    var end: UserID { UserID(users.count) }
    var all: Range<UserID> { 1..<max(1, end) }

    /// A user's devices; none for one that no device ever spoke of.
    subscript(id: UserID) -> [Device] {
        _read { yield users[id < users.count ? Int(id) : 0] }
    }

    subscript(id: UserID, index: Int) -> Device {
        _read { yield users[Int(id)][index] }
        _modify { yield &users[Int(id)][index] }
    }

    /// Changes a device in place.
    @inline(__always)
    mutating func change<Result>(
        _ id: UserID,
        _ index: Int,
        _ body: (inout Device) -> Result
    ) -> Result {
        body(&users[Int(id)][index])
    }

    /// Where a device stands among a user's devices, when it is sought from a place on, to the end and
    /// then from the beginning.
    func index(of device: Name, of id: UserID, from place: Int) -> Int? {
        let devices = self[id]
        let start = min(place, devices.count)
        return devices[start...].firstIndex { $0.name == device }
            ?? devices[..<start].firstIndex { $0.name == device }
    }

    // No device is copied to be looked at, as it would be by a closure.
    func index(of device: Name, of id: UserID) -> Int? {
        guard id < users.count else { return nil }
        for index in users[Int(id)].indices where users[Int(id)][index].name == device {
            return index
        }
        return nil
    }

    func index(of number: DeviceNumber, of id: UserID) -> Int? {
        guard id < users.count else { return nil }
        for index in users[Int(id)].indices where users[Int(id)][index].number == number {
            return index
        }
        return nil
    }

    func onlineCount(of id: UserID) -> Int { self[id].count(where: \.isShown) }

    /// Adds a device to a user's; returns where it stands.
    @discardableResult
    mutating func append(_ device: Device, to id: UserID) -> Int {
        while users.count <= id { users.append([]) }
        lastNumber &+= 1
        var device = device
        device.number = lastNumber
        users[Int(id)].append(device)
        return users[Int(id)].count - 1
    }

    mutating func remove(_ id: UserID, _ index: Int) { users[Int(id)].remove(at: index) }
}
