/// Which changes of a user are asked for, and how many at most.
public struct HistoryQuery: Hashable, Sendable {
    /// Whose changes.
    public var user: Name
    /// Changes of this Unix second and later.
    public var after: Int64
    /// Changes of before this Unix second.
    public var before: Int64
    /// Changes with a lower id than this.
    public var below: Int64
    /// The most that are returned, the newest first.
    public var limit: Int

    /// A query, by default for the newest of all.
    public init(
        of user: Name,
        after: Int64 = .min,
        before: Int64 = .max,
        below: Int64 = .max,
        limit: Int
    ) {
        self.user = user
        self.after = after
        self.before = before
        self.below = below
        self.limit = limit
    }

    /// Whether a change is among those.
    public func includes(_ change: LoggedChange) -> Bool {
        change.id < below && change.time >= after && change.time < before && change.user == user
    }
}
