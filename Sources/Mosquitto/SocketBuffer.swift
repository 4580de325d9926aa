/// What was read of a socket before the library asks for it.
///
/// The library reads a packet in three or four parts, each by a call of the system, and for a message of
/// some hundred bytes that is most of what it takes to receive it.
public protocol SocketBuffer: AnyObject {
    /// Whether the library has asked for all that was read.
    var isEmpty: Bool { get }

    /// Forgets what is there: the connection has another socket now.
    func removeAll()

    /// Lets what the body reads of a socket, on this thread, come by way of the buffer.
    func reading<Result>(_ descriptor: Int32, _ body: () -> Result) -> Result
}
