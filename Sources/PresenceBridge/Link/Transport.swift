import Mosquitto

/// One connection to a broker, as the link uses it: libmosquitto's, or that of a simulated broker.
///
/// What each call does is said at ``Connection``. Both kinds pass one suite of tests.
package protocol Transport: AnyObject {
    /// Begins to connect; whether it worked comes as an event.
    func connect() throws(MosquittoError)
    /// Reads what has come, `limit` packets at most; returns whether there may be more.
    func read(limit: Int) -> Bool
    /// Hands what is queued to the network, as much as it takes.
    func write()
    /// Keeps alive; to be called once a second.
    func tick()
    /// What happened since the last call, oldest first.
    func takeEvents() -> [Event]
    /// Queues a message and returns its packet identifier.
    func publish(_ message: Message) throws(MosquittoError) -> Int32
    /// Queues one SUBSCRIBE for all the filters and returns its packet identifier.
    func subscribe(
        _ filters: [String],
        options: SubscriptionOptions,
        identifier: UInt32?
    ) throws(MosquittoError) -> Int32
    /// Queues one UNSUBSCRIBE for all the filters and returns its packet identifier.
    func unsubscribe(_ filters: [String]) throws(MosquittoError) -> Int32
    /// Sends a DISCONNECT after what is queued.
    func disconnect(reason: ReasonCode)
    /// Whether the broker has accepted the connection and it is not over.
    var isConnected: Bool { get }
    /// Whether something waits to be handed to the network.
    var wantsWrite: Bool { get }
    /// How many publishes of QoS 1 and 2 the broker has not acknowledged.
    var unacknowledged: Int { get }
    /// The socket to wait for, if there is one.
    var fileDescriptor: Int32? { get }
}

extension Connection: Transport {}

/// How the bridge calls its broker: makes a connection that has not begun yet.
package typealias Dial = (ConnectionOptions) throws(MosquittoError) -> any Transport
