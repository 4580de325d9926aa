import Presence

/// The things that are remembered, user by user, in the order in which they were first heard of.
struct AdoptedTable: Sendable {
    private var users: [UserID: [AdoptedDevice]] = [:]
    private var lastNumber: DeviceNumber = 0
    private(set) var count = 0

    /// The users with any, by their numbers.
    var all: [UserID] { users.keys.sorted() }

    /// A user's things; none for one that has none.
    subscript(id: UserID) -> [AdoptedDevice] { users[id] ?? [] }

    /// Changes a thing in place.
    mutating func change<Result>(
        _ id: UserID,
        _ index: Int,
        _ body: (inout AdoptedDevice) -> Result
    ) -> Result? {
        guard let end = users[id]?.count, index < end else { return nil }
        return body(&users[id, default: []][index])
    }

    func index(of device: Name, of id: UserID) -> Int? {
        users[id]?.firstIndex { $0.name == device }
    }

    func index(of number: DeviceNumber, of id: UserID) -> Int? {
        users[id]?.firstIndex { $0.number == number }
    }

    /// Adds a thing to a user's; returns where it stands.
    @discardableResult
    mutating func append(_ device: AdoptedDevice, to id: UserID) -> Int {
        lastNumber &+= 1
        count += 1
        var device = device
        device.number = lastNumber
        users[id, default: []].append(device)
        return (users[id]?.count ?? 1) - 1
    }

    mutating func remove(_ id: UserID, _ index: Int) {
        count -= 1
        users[id]?.remove(at: index)
        if users[id]?.isEmpty == true { users[id] = nil }
    }
}
