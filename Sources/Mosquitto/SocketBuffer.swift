/// What was read of a socket before the library asks for it, and what the library has written and waits
/// to be sent together.
///
/// The library reads a packet in three or four parts and writes each packet by itself, each by a call of
/// the system, and for a message of some hundred bytes that is most of what it takes.
public protocol SocketBuffer: AnyObject {
    /// Whether something was read that the library has not asked for.
    var hasUnread: Bool { get }

    /// Whether something was written that the kernel has not taken.
    var hasUnsent: Bool { get }

    /// Forgets what is there: the connection has another socket now.
    func removeAll()

    /// Lets what the body reads and writes of a socket, on this thread, go by way of the buffer.
    func using<Result>(_ descriptor: Int32, _ body: () -> Result) -> Result

    /// Gives the kernel what was written, as much as it takes; returns the `errno` of what it refused, 0
    /// where it took all, and `EAGAIN` where it takes no more for now.
    func send(to descriptor: Int32) -> Int32
}
