import Presence

/// What the watching side needs to know of statuses, whoever makes them.
protocol Statuses {
    /// Whether a user has a status.
    func hasStatus(_ user: UserID) -> Bool

    /// A user's status as it is told, in so many bytes at most; `nil` where there is none, or not
    /// even the least of it fits.
    ///
    /// - Parameter room: `nil` where every status fits.
    func told(_ user: UserID, named name: Name, room: Int?) -> UserStatus?

    /// The same as it was told last, while the user is changing.
    func toldLast(_ user: UserID, named name: Name, room: Int?) -> UserStatus?
}

/// The payloads of the statuses that a turn tells, each written once; their bytes are copied.
struct StatusPayloads {
    /// The most bytes of a status; `nil` where every status fits.
    let room: Int?
    private var written = NumberTable<[UInt8]>()

    /// None so far.
    init(room: Int?) { self.room = room }

    /// The payload of a user's status; `nil` for one who is forgotten.
    mutating func payload(
        of user: UserID,
        _ statuses: some Statuses,
        _ names: some Naming
    ) -> [UInt8]? {
        if let bytes = written[user] { return bytes }
        guard let name = names.name(of: user),
            let bytes = statuses.told(user, named: name, room: room)?.payload
        else { return nil }
        written[user] = bytes
        return bytes
    }
}
