/// How much is kept of what others publish: whoever may write to adopted topics could make it ever more.
struct AdoptionBounds: Sendable {
    /// The most things, of all lines together.
    var things = 250_000
    /// The most devices that discovery messages describe.
    var devices = 250_000
    /// The most discovery messages.
    var messages = 1_000_000
    /// About the most memory that is kept of those, in bytes.
    var bytes = 256 << 20
    /// In how many different ways one topic is read at most: each message there is read in all of them.
    var ways = 256
}
