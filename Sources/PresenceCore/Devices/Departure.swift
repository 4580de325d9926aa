import Presence

/// A device on its way out: it still counts as online until the grace ends.
struct Departure: Hashable, Sendable {
    var cause: Cause
    /// The second at which the word came.
    var came: Int64
    /// When the grace ends, in milliseconds of uptime.
    var ends: Int64
    /// Whether it was found on the topic or missing there, which a restart of the broker can cause.
    var isFound = false
    /// Whether the device is forgotten then.
    var forgets = false
}
