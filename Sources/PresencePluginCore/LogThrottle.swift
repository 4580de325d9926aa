/// Lets one complaint a second through, whoever causes how many.
public struct Patience: Sendable {
    private var last: Duration?
    private var swallowed = 0

    /// Nothing has been said.
    public init() {}

    /// How many complaints were kept back since the last one; `nil` if this one is, too.
    public mutating func admits(at now: Duration) -> Int? {
        if let last, now - last < .seconds(1) {
            swallowed += 1
            return nil
        }
        defer { swallowed = 0 }
        last = now
        return swallowed
    }
}
