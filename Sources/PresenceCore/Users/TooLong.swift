import Presence

/// Whose statuses are longer than the broker takes: the log says it once for each user, as long as
/// the connection stands.
struct TooLong: Sendable {
    /// How many users are named; a crowd of them has one cause.
    static let mostNamed = 100

    private var named: Set<Name> = []

    /// How a status fits.
    enum Finding: Hashable {
        /// The broker takes all of it.
        case fits
        /// It is shortened, or not told at all, and the log says so, unless it did before.
        case shortened(words: String?)
    }

    /// Looks whether a status is longer than the broker takes.
    mutating func shorten(
        _ whole: UserStatus,
        to room: Int,
        _ packets: PacketLimit
    ) -> Finding {
        let told = whole.fitting(room)
        guard told != whole else { return .fits }
        guard named.count < Self.mostNamed, named.insert(whole.username).inserted else {
            return .shortened(words: nil)
        }
        let what =
            told == nil
            ? "nobody is told it"
            : "it is told without description, and with \(told?.devices.count ?? 0) of "
                + "\(whole.devices.count) devices"
        let words =
            "the status of \(whole.username) has \(whole.payload.count) bytes, and the broker takes "
            + "\(packets.words) at most: \(what)"
        return .shortened(words: words)
    }
}
