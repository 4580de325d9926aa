import Mosquitto
import Synchronization

/// What other threads ask of the loop's thread.
final class Mailbox: Sendable {
    private let orders = Mutex(Orders())
    let waker: Waker

    init() throws(NoDescriptor) { waker = try Waker() }

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
