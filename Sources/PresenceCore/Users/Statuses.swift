import BitCollections
import Presence

/// What others need to know of statuses, whoever makes them.
protocol Statuses {
    /// The numbers of those who are online.
    var online: BitSet { get }

    func hasStatus(_ user: UserID) -> Bool

    func updated(_ user: UserID) -> Int64?

    /// The whole status of a user, that of one who was never seen where there is none.
    func status(of user: UserID, named name: Name) -> UserStatus

    /// A user's status as it was told last, while the user is changing; `nil` where there is none, or
    /// not even the least of it fits.
    func toldLast(_ user: UserID, named name: Name, room: Int?) -> UserStatus?
}

/// Statuses as they are told: in so many bytes of room at most, or whole where that is `nil`.
extension Statuses {
    /// A user's status; `nil` where not even the least of it fits.
    func shown(_ user: UserID, named name: Name, room: Int?) -> UserStatus? {
        let status = status(of: user, named: name)
        return room.map { status.fitting($0) } ?? status
    }

    /// The same, and `nil` where there is none.
    func told(_ user: UserID, named name: Name, room: Int?) -> UserStatus? {
        hasStatus(user) ? shown(user, named: name, room: room) : nil
    }

    /// The status of a name, which need not be known.
    func status(of name: Name, _ names: Names, room: Int?) -> UserStatus {
        guard let id = names.id(of: name) else { return UserStatus(username: name) }
        // Where the least of it is too long, the answer is, too, and is refused.
        return shown(id, named: name, room: room) ?? status(of: id, named: name)
    }
}

/// The payloads of the statuses that a turn tells, each written once; their bytes are copied.
struct StatusPayloads {
    /// The most bytes of a status; `nil` where every status fits.
    let room: Int?
    private var written = NumberMap<[UInt8]>()

    init(room: Int?) { self.room = room }

    /// The payload of a user's status; `nil` for one who is forgotten.
    mutating func payload(of user: UserID, _ statuses: some Statuses, _ names: Names) -> [UInt8]? {
        if let bytes = written[user] { return bytes }
        guard let name = names.name(of: user),
            let bytes = statuses.told(user, named: name, room: room)?.payload
        else { return nil }
        written.insert(bytes, under: user)
        return bytes
    }
}
