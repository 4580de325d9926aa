/// Lets one complaint a second into the log, however many there are.
public struct LogThrottle: Sendable {
    private var last: Duration?
    private var suppressed = 0

    /// Nothing was logged yet.
    public init() {}

    /// How many complaints were suppressed since the last one that was logged; `nil` if this one is to
    /// be suppressed, too.
    public mutating func admits(at now: Duration) -> Int? {
        if let last, now - last < .seconds(1) {
            suppressed += 1
            return nil
        }
        defer { suppressed = 0 }
        last = now
        return suppressed
    }
}
