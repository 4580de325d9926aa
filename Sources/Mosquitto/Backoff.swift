/// How long to wait before the next try: 100 ms, doubling to 30 s, with jitter, so that many
/// clients of one broker do not come back at the same moment.
package struct Backoff: Sendable {
    private static let first: Int64 = 100
    private static let longest: Int64 = 30_000

    private var next = first

    /// The first try has not failed yet.
    package init() {}

    /// The pause before the next try, in milliseconds.
    package mutating func pause(using random: inout some RandomNumberGenerator) -> Int64 {
        defer { next = min(next * 2, Self.longest) }
        return Int64.random(in: next * 3 / 4...next, using: &random)
    }

    /// It worked: the next failure is a first one again.
    package mutating func reset() { next = Self.first }
}
