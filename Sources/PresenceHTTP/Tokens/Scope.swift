/// What a token is good for.
public enum Scope: String, Hashable, Sendable, CaseIterable {
    /// To ask about users.
    case read
    /// To change something of theirs.
    case write
    /// To read the metrics.
    case metrics
}
