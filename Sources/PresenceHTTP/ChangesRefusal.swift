/// Why the change log is not read.
public enum ChangesRefusal: Error, Hashable, Sendable {
    /// The operator keeps no history.
    case notKept
    /// Changes behind the id are no longer kept, or the id was never given out.
    case gone
    /// Why it cannot be read now, in words.
    case unavailable(String)
}
