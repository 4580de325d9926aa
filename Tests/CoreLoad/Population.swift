import Presence
import PresenceCore

/// Users with their devices, as a bridge and a broker know them after a while.
///
/// Everyone has a phone, which states a ttl, and every fourth a laptop, which states plain words. Half
/// of the devices are online. Everyone watches as many others, drawn by lot, as are watched by
/// everyone on average.
struct Population: Sendable {
    /// One device, and what it says.
    struct Device: Sendable {
        /// Whose it is, counted from 0.
        var user: Int
        /// Whether it is a phone.
        var isPhone: Bool
        /// Its word, one of ``words``.
        var word = 0
        /// How often it has connected.
        var session = 0

        /// Its name.
        var name: Name { isPhone ? Population.phone : Population.laptop }
    }

    /// What devices say.
    static let words = ["online", "away", "busy", "dnd", "in-a-call", "sleeping"]
    /// What a phone promises, in seconds.
    static let ttl: Int64 = 60

    private static let phone = Name(checked: "phone")
    private static let laptop = Name(checked: "laptop")

    /// The users' names.
    let names: [Name]
    /// All devices: the phones, then the laptops.
    var devices: [Device]
    /// The devices that are online.
    var online = NumberPool()
    /// The devices that are not.
    var offline = NumberPool()

    /// So many users.
    init(users: Int) {
        names = (0..<users).map { user in
            let digits = String(user)
            return Name(checked: "user-" + String(repeating: "0", count: 7 - digits.count) + digits)
        }
        devices = (0..<users).map { Device(user: $0, isPhone: true) }
        devices += stride(from: 0, to: users, by: 4).map { Device(user: $0, isPhone: false) }
        for device in devices.indices {
            if device.isMultiple(of: 2) { online.insert(device) } else { offline.insert(device) }
        }
    }

    /// The name of a device's user.
    func user(_ device: Int) -> Name { names[devices[device].user] }

    /// What a device says while it is online.
    func statement(_ device: Int) -> [UInt8] {
        let word = Self.words[devices[device].word]
        guard devices[device].isPhone else { return Array(word.utf8) }
        return Array(
            #"{"status":"\#(word)","ttl":\#(Self.ttl),"session":"\#(session(device))"}"#.utf8
        )
    }

    /// What the will of a device says.
    func will(_ device: Int) -> [UInt8] {
        guard devices[device].isPhone else { return Array("lost".utf8) }
        return Array(#"{"status":"lost","session":"\#(session(device))"}"#.utf8)
    }

    /// A statement of a device.
    func report(_ device: Int, _ payload: [UInt8], reading: ReadingID? = nil) -> Report {
        Report(
            user: user(device),
            device: devices[device].name,
            payload: payload,
            reading: reading
        )
    }

    /// The name of a device's connection.
    func session(_ device: Int) -> String {
        String(device * 64 + devices[device].session, radix: 36)
    }
}

/// A set of numbers to draw from.
struct NumberPool: Sendable {
    private(set) var members: [Int32] = []
    private var places: [Int32: Int32] = [:]

    /// Adds a number.
    mutating func insert(_ member: Int) {
        places[Int32(member)] = Int32(members.count)
        members.append(Int32(member))
    }

    /// Takes a number away; the last takes its place.
    mutating func remove(_ member: Int) {
        guard let place = places.removeValue(forKey: Int32(member)),
            let last = members.popLast(), last != member
        else { return }
        members[Int(place)] = last
        places[last] = place
    }

    /// One of them.
    func draw(_ random: inout some RandomNumberGenerator) -> Int {
        Int(members[Int.random(in: members.indices, using: &random)])
    }
}
