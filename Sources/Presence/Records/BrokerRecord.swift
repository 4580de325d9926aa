/// What the bridge knows of the broker and of the time beyond a restart.
public struct BrokerRecord: Hashable, Sendable {
    /// The Unix second at which the broker started, `nil` while it was never learnt.
    public var started: Int64?
    /// Rises with every restart of the broker.
    public var epoch: Int64
    /// Whether every device that was online has spoken since, or was given up.
    public var isSettled: Bool
    /// The latest Unix second that was told to anyone: time does not go back behind it.
    public var clock: Int64
    /// The Unix second that was told as that of the bridge's last start.
    public var lastStart: Int64
    /// What the broker had kept when it was last restarted; it matters until all is settled.
    public var kept: KeptCopy
    /// The highest mark that the bridge has left beside its own state and seen come back; 0 for none.
    public var mark: Int64
    /// The topic of the state that the mark belongs to.
    public var markedTopic: String?

    /// A record of the broker.
    public init(
        started: Int64? = nil,
        epoch: Int64 = 1,
        isSettled: Bool = true,
        clock: Int64 = 0,
        lastStart: Int64 = 0,
        kept: KeptCopy = .older,
        mark: Int64 = 0,
        markedTopic: String? = nil
    ) {
        self.started = started
        self.epoch = epoch
        self.isSettled = isSettled
        self.clock = clock
        self.lastStart = lastStart
        self.kept = kept
        self.mark = mark
        self.markedTopic = markedTopic
    }
}
