import Presence

/// The things that are remembered, user by user, in the order in which they were first heard of.
struct AdoptedTable: Sendable {
    /// The things of one user, of whom there may be all that there are.
    fileprivate struct Things: Sendable {
        /// With rising numbers.
        var devices: [AdoptedDevice] = []
        /// The numbers by the names; empty while there are only a few.
        var numbers: [Name: DeviceNumber] = [:]
        var shown = 0

        /// With how many things names are looked up, and not looked through.
        private static let few = 8

        func index(of name: Name) -> Int? {
            guard devices.count <= Self.few else { return numbers[name].flatMap { index(of: $0) } }
            // No thing is copied to be looked at, as it would be by a closure.
            for index in devices.indices where devices[index].name == name { return index }
            return nil
        }

        func index(of number: DeviceNumber) -> Int? {
            var (low, high) = (0, devices.count)
            while low < high {
                let middle = (low + high) / 2
                if devices[middle].number < number { low = middle + 1 } else { high = middle }
            }
            return low < devices.count && devices[low].number == number ? low : nil
        }

        mutating func append(_ device: AdoptedDevice) {
            devices.append(device)
            if device.shown != nil { shown += 1 }
            if devices.count == Self.few + 1 {
                for device in devices { numbers[device.name] = device.number }
            } else if devices.count > Self.few {
                numbers[device.name] = device.number
            }
        }

        mutating func remove(at index: Int) {
            let device = devices.remove(at: index)
            if device.shown != nil { shown -= 1 }
            numbers[device.name] = nil
            if devices.count == Self.few { numbers = [:] }
        }
    }

    private var users = NumberMap<Things>()
    private var lastNumber: DeviceNumber = 0
    private(set) var count = 0

    /// The users with any, by their numbers.
    var all: [UserID] { users.keys.sorted() }

    /// A user's things; none for one that has none.
    subscript(id: UserID) -> [AdoptedDevice] { users[id]?.devices ?? [] }

    /// How many of a user's things count as online.
    func shownCount(of id: UserID) -> Int { users[id]?.shown ?? 0 }

    /// Changes a thing in place.
    mutating func change<Result>(
        _ id: UserID,
        _ index: Int,
        _ body: (inout AdoptedDevice) -> Result
    ) -> Result? {
        guard let place = users.index(of: id), index < users[at: place].devices.count
        else { return nil }
        return users[at: place].change(index, body)
    }

    func index(of device: Name, of id: UserID) -> Int? {
        users.index(of: id).flatMap { users[at: $0].index(of: device) }
    }

    func index(of number: DeviceNumber, of id: UserID) -> Int? {
        users.index(of: id).flatMap { users[at: $0].index(of: number) }
    }

    /// Adds a thing to a user's; returns where it stands.
    @discardableResult
    mutating func append(_ device: AdoptedDevice, to id: UserID) -> Int {
        lastNumber &+= 1
        count += 1
        var device = device
        device.number = lastNumber
        users[id, default: Things()].append(device)
        return (users[id]?.devices.count ?? 1) - 1
    }

    mutating func remove(_ id: UserID, _ index: Int) {
        count -= 1
        users[id, default: Things()].remove(at: index)
        if users[id]?.devices.isEmpty == true { users.removeValue(under: id) }
    }
}

extension AdoptedTable.Things {
    fileprivate mutating func change<Result>(
        _ index: Int,
        _ body: (inout AdoptedDevice) -> Result
    ) -> Result {
        let before = devices[index].shown != nil
        let result = body(&devices[index])
        let after = devices[index].shown != nil
        if before != after { shown += after ? 1 : -1 }
        return result
    }
}
