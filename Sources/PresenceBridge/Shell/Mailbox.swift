import Mosquitto
import Synchronization

/// What other threads ask of the loop's thread.
final class Mailbox: Sendable {
    private let orders = Mutex(Orders())
    /// Ends the wait of the loop when something was asked.
    let waker: Waker

    /// - Throws: when the process has no file descriptors left.
    init() throws(NoDescriptor) { waker = try Waker() }

    /// Asks for something.
    func post(_ order: Orders) {
        orders.withLock { $0.formUnion(order) }
        waker.wake()
    }

    func take() -> Orders {
        orders.withLock { orders in
            defer { orders = [] }
            return orders
        }
    }
}

/// What the operator, or the system, wants of the bridge.
package struct Orders: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// That it ends in order.
    package static let stop = Orders(rawValue: 1)
    /// That it reads its configuration again.
    package static let reload = Orders(rawValue: 2)
}
