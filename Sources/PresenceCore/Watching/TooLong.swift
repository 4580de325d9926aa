import Presence

/// Whose statuses are longer than the broker takes: the log says it once for each user, as long as
/// the connection stands.
struct TooLong: Sendable {
    /// How many users are named; a crowd of them has one cause.
    static let mostNamed = 100

    private var users: Set<Name> = []

    /// Notes a user; returns whether to say so.
    mutating func insert(_ user: Name) -> Bool {
        users.count < Self.mostNamed && users.insert(user).inserted
    }
}

extension PresenceCore {
    /// Whether any status can be longer than the broker takes.
    var mayBeTooLong: Bool { limits.longestStatus > packets.statusRoom(topics) }

    /// The status of a user as everyone is told it: shortened where the broker takes no longer one;
    /// `nil` where it does not even take that.
    func toldStatus(of id: UserID, named name: Name) -> UserStatus? {
        let status = roster.status(of: id, named: name)
        return mayBeTooLong ? status.fitting(packets.statusRoom(topics)) : status
    }

    /// Counts, and says once, that the status of a user is longer than the broker takes.
    mutating func noteLength(of id: UserID, named name: Name, into effects: inout [Effect]) {
        guard mayBeTooLong else { return }
        let whole = roster.status(of: id, named: name)
        let told = whole.fitting(packets.statusRoom(topics))
        guard told != whole else { return }
        counts.shortened += 1
        guard tooLong.insert(name) else { return }
        let what =
            told == nil
            ? "nobody is told it"
            : "it is told without description, and with \(told?.devices.count ?? 0) of "
                + "\(whole.devices.count) devices"
        effects.append(
            .log(
                .error,
                "the status of \(name) has \(whole.payload.count) bytes, and the broker takes "
                    + "\(packets.words) at most: \(what)"
            )
        )
    }
}
