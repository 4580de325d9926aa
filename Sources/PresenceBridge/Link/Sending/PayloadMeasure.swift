/// How long a payload the broker takes, as far as it has shown.
///
/// mosquitto does not announce its `message_size_limit`; it refuses what is longer. So a publish as
/// long as the longest event is tried, and where it is refused, others between what was taken and
/// what was not, until the two are near to one another.
///
/// libmosquitto from 2.0.22 on, if not before, holds that refusal (0x95 in a PUBACK) for a violation of
/// the protocol, and ends the connection. Each refusal then costs a connection: what was learnt is
/// kept for those that follow, and lengths are tried in few and large steps.
struct PayloadMeasure {
    private static let precision = 16
    /// By how much the next length is shorter where each refusal ends the connection.
    private static let step = 4
    /// The shortest length that is held to be the cause of a connection's end.
    static let shortest = 1_024

    private(set) var taken = 0
    private(set) var refused: Int?

    private(set) var endsConnections = false

    /// The most bytes that a payload should have; `nil` where nothing is known against any length.
    var limit: Int? {
        guard let refused else { return nil }
        return isDone ? taken : refused - 1
    }

    var next: Int? {
        guard let refused, !isDone else { return nil }
        return endsConnections ? refused / Self.step : (taken + refused) / 2
    }

    private var isDone: Bool {
        if endsConnections { return taken > 0 || refused ?? .max < Self.shortest }
        return refused.map { $0 - taken <= max(1, $0 / Self.precision) } ?? true
    }

    mutating func take(_ length: Int) {
        taken = max(taken, length)
        if let refused, refused <= taken { self.refused = nil }
    }

    /// Learns that a connection ended as a violation of the protocol while a payload of so many bytes
    /// was on its way, the longest of those that were.
    mutating func end(sending length: Int) {
        guard length > taken, length >= Self.shortest else { return }
        endsConnections = true
        refuse(length)
    }

    mutating func refuse(_ length: Int) {
        refused = min(refused ?? length, length)
        // It takes less than it did: what it took before tells nothing any more.
        if taken >= length { taken = 0 }
    }
}
