/// Why the last device of a user went.
public enum Cause: String, Hashable, Sendable, CaseIterable {
    /// It said so.
    case logout
    /// Its last will came.
    case lost
    /// It broke its promise to state something again.
    case ttl
    /// It did not come back after a restart of the broker.
    case restart
}
