import Mosquitto
import Synchronization

/// What other threads ask of the loop's thread.
final class Mailbox: Sendable {
    private let orders = Mutex(Orders())
    /// Ends the wait of the loop when something was asked.
    let waker: Waker

    /// - Throws: when the process has no file descriptors left.
    init() throws(NoDescriptor) {
        waker = try Waker()
    }

    /// Asks for an orderly end.
    func stop() { post { $0.stops = true } }

    /// Asks for the configuration to be read again.
    func reload() { post { $0.reloads = true } }

    private func post(_ change: (inout sending Orders) -> Void) {
        orders.withLock { change(&$0) }
        waker.wake()
    }

    /// Takes what was asked since the last time.
    func take() -> Orders {
        orders.withLock { orders in
            defer { orders = Orders() }
            return orders
        }
    }
}
