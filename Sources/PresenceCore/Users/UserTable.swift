import BitCollections
import Presence

/// What is known of each user, and how many are online.
struct UserTable: Sendable {
    private var users: ContiguousArray<User> = [User()]  // The number 0 stands for everyone.
    private(set) var online = BitSet()
    /// How many users have a status.
    private(set) var knownCount = 0
    private(set) var onlineDevices = 0

    /// The users of whom something may be known.
    var all: Range<UserID> { 1..<max(1, UserID(users.count)) }

    /// What is known of a user; nothing for one that no device ever spoke of.
    subscript(id: UserID) -> User {
        _read { yield users[id < users.count ? Int(id) : 0] }
    }

    mutating func change(_ id: UserID, _ body: (inout User) -> Void) {
        while users.count <= id { users.append(User()) }
        let (wasKnown, before) = (users[Int(id)].seq > 0, users[Int(id)].visible.devices.count)
        body(&users[Int(id)])
        let (isKnown, after) = (users[Int(id)].seq > 0, users[Int(id)].visible.devices.count)
        if isKnown != wasKnown { knownCount += isKnown ? 1 : -1 }
        if before != after {
            onlineDevices += after - before
            online[member: Int(id)] = after > 0
        }
    }

    /// Sets a user's alarm for what comes due next; `nil` if one that is as early is set already.
    mutating func setWake(_ id: UserID, forgetAfter: Duration) -> Int64? {
        id < users.count ? users[Int(id)].setWake(forgetAfter: forgetAfter) : nil
    }

    mutating func clearWake(_ id: UserID) { users[Int(id)].wake = nil }
}
