import Presence

/// Whose statuses are longer than the broker takes: the log says it once for each user, as long as
/// the connection stands.
struct TooLong: Sendable {
    /// How many users are named; a crowd of them has one cause.
    static let mostNamed = 100

    private var named: Set<Name> = []

    /// What the log says of a status that is told in so many bytes at most, unless it said so before.
    mutating func words(for whole: UserStatus, _ room: Int, _ packets: PacketLimit) -> String? {
        guard named.count < Self.mostNamed, named.insert(whole.username).inserted
        else { return nil }
        let told = whole.fitting(room)
        let what =
            told == nil
            ? "nobody is told it"
            : "it is told without description, and with \(told?.devices.count ?? 0) of "
                + "\(whole.devices.count) devices"
        return
            "the status of \(whole.username) has \(whole.payload.count) bytes, and the broker takes "
            + "\(packets.words) at most: \(what)"
    }
}
