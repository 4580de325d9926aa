/// By when something must have come.
public struct Deadline: Sendable {
    private let end: ContinuousClock.Instant

    /// A deadline in so many milliseconds from now.
    public init(in milliseconds: Int64) { end = .now + .milliseconds(milliseconds) }

    /// The milliseconds that are left.
    public var milliseconds: Int64 { Int64(left) }

    /// The milliseconds that are left, as `poll` takes them.
    var left: Int32 {
        let left = (end - .now) / .milliseconds(1)
        // Rounded up, so that the end is over when the waiting is.
        return left >= Double(Int32.max) ? .max : Int32(max(0, left.rounded(.up)))
    }
}
