/// What the operator, or the system, wants of the bridge.
package struct Orders: Hashable, Sendable {
    /// That it ends in order.
    package var stops = false
    /// That it reads its configuration again.
    package var reloads = false

    /// Nothing.
    package init() {}

    /// An orderly end.
    package static var stop: Orders {
        var orders = Orders()
        orders.stops = true
        return orders
    }
}
