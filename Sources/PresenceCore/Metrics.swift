/// What the core counts, for the bridge's metrics.
public struct Metrics: Hashable, Sendable {
    /// Users with a device online.
    public var usersOnline = 0
    /// Users with a status.
    public var usersKnown = 0
    /// Devices online.
    public var devicesOnline = 0
    /// Subscriptions that have not ended.
    public var subscriptions = 0
    /// Requests received, also those that were dropped.
    public var requests = 0
    /// Error answers, and requests that were dropped by the rate limit.
    public var errors = 0
    /// Requests that were refused or dropped since too many answers waited for the broker.
    public var refused = 0
    /// Messages of events.
    public var events = 0
    /// Statuses and notices told in those messages.
    public var updates = 0
    /// Retained statuses written.
    public var statuses = 0
    /// Statuses that were shortened, or not told at all, since the broker takes no longer ones.
    public var shortened = 0
    /// Device topics that turned out to say something else than was known.
    public var mended = 0

    /// Nothing counted yet.
    public init() {}
}
