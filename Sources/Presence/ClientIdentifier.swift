/// What MQTT client identifiers say about presence.
public enum ClientIdentifier {
    /// What the identifiers of clients begin with that only look: they state nothing, have no will, and
    /// are no device of their user's, also where the broker's plugin makes devices of all others.
    public static let watcherPrefix = "presence-watch-"
}
