/// How a connection ended, as far as the broker says.
public enum Departure: Hashable, Sendable {
    /// The client sent DISCONNECT.
    case orderly
    /// It is gone: a broken connection, silence, a take-over, a packet that was wrong.
    case lost
    /// The broker has thrown it out, by a command or for a login that is no longer right, and
    /// publishes no will.
    case thrownOut
    /// The broker does not say, as mosquitto 2.0.
    case untold
}
