/// What the clients of a crowd have done and seen, in numbers.
public struct Tally: Sendable {
    /// Connections that the broker accepted.
    public var connections = 0
    /// Connections that ended without having been asked to.
    public var losses = 0
    /// Statements that the broker has acknowledged, births among them.
    public var statements = 0
    /// Requests that were answered with a result.
    public var answers = 0
    /// Requests that were sent again.
    public var retries = 0
    /// Requests that were refused for the moment, as the store took no writes or there were too many.
    public var refusals = 0
    /// Subscriptions that were acknowledged.
    public var subscriptions = 0
    /// Statuses in events.
    public var events = 0
    /// Messages that asked to state something again, and rises of the epoch.
    public var announcements = 0
    /// Times that a watcher asked for what it had missed.
    public var syncs = 0
    /// What went against the protocol, in words.
    public var complaints: [String] = []

    /// Nothing yet.
    public init() {}

    /// Notes something that went against the protocol.
    public mutating func complain(_ words: String) {
        if complaints.count < 50 { complaints.append(words) }
    }
}

/// The tally that the clients of a crowd share, on their thread.
public final class SharedTally {
    /// The numbers.
    public var tally = Tally()

    /// An empty one.
    public init() {}
}
