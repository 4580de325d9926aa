/// Whether the bridge serves.
public enum Readiness: Hashable, Sendable {
    /// The broker is there, all of it is read, and the store took what it was given last.
    case ready
    /// It does not, and why, in words.
    case unready(String)
}
