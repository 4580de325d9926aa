/// What happened on a connection, in the order in which it happened.
///
/// A connection that was begun ends with exactly one `refused` or `closed`, and nothing follows.
public enum Event: Hashable, Sendable {
    /// The broker accepted the connection.
    case connected(Acknowledgement)
    /// The broker answered, and refused the connection.
    case refused(ConnectionRefusal)
    /// A message came for one of the subscriptions.
    case message(Message)
    /// A publish of QoS 1 or 2 was acknowledged, or one of QoS 0 was handed to the kernel.
    case published(packetID: Int32, reason: ReasonCode)
    /// A SUBSCRIBE was answered: for each filter the granted quality of service, or a failure.
    case subscribed(packetID: Int32, granted: [ReasonCode])
    /// An UNSUBSCRIBE was answered.
    case unsubscribed(packetID: Int32)
    /// The connection is over.
    case closed(Closure)
}
