/// Whether the broker ticks, which it does not do for a plugin of a single listener.
public struct Heartbeat: Sendable {
    /// How long is waited for the first tick; there are some in each second.
    private static let longestWait = Duration.seconds(2)

    private var hasBeaten = false
    private var first: Duration?
    private var isKnown = false

    /// Nothing has been heard.
    public init() {}

    /// The broker ticks.
    public mutating func beats() { hasBeaten = true }

    /// Whether it turns out now, for the first time, that it does not.
    public mutating func isMissing(at now: Duration) -> Bool {
        guard !hasBeaten, !isKnown else { return false }
        guard let first else {
            first = now
            return false
        }
        isKnown = now - first > Self.longestWait
        return isKnown
    }
}
