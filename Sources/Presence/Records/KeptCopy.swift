/// What a broker that was restarted has kept of what was retained before.
public enum KeptCopy: Int64, Hashable, Sendable {
    /// A copy that may be older than its end, or nobody can say.
    case older = 0
    /// All that had been said before it ended, or before the bridge did.
    case everything = 1
    /// Nothing: what is retained was said since.
    case nothing = 2
}
