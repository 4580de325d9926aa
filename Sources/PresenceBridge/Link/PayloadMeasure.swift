/// How long a payload the broker takes, as far as it has shown.
///
/// mosquitto does not announce its `message_size_limit`; it refuses what is longer. So a publish as
/// long as the longest event is tried, and where it is refused, others between what was taken and
/// what was not, until the two are near to one another.
struct PayloadMeasure {
    /// How near, as a part of the limit.
    private static let precision = 16

    /// The longest payload that was taken, in bytes.
    private(set) var taken = 0
    /// The shortest that was refused; `nil` as long as none was.
    private(set) var refused: Int?

    /// The most bytes that a payload should have; `nil` where nothing is known against any length.
    var limit: Int? {
        guard let refused else { return nil }
        return isDone ? taken : refused - 1
    }

    /// The length to be tried next; `nil` for none.
    var next: Int? {
        guard let refused, !isDone else { return nil }
        return (taken + refused) / 2
    }

    private var isDone: Bool {
        refused.map { $0 - taken <= max(1, $0 / Self.precision) } ?? true
    }

    /// Learns that the broker took a payload of so many bytes.
    mutating func take(_ length: Int) {
        taken = max(taken, length)
        if let refused, refused <= taken { self.refused = nil }
    }

    /// Learns that the broker refused a payload of so many bytes.
    mutating func refuse(_ length: Int) {
        refused = min(refused ?? length, length)
        // It takes less than it did: what it took before tells nothing any more.
        if taken >= length { taken = 0 }
    }
}
