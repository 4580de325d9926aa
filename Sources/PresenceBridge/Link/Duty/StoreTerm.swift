/// Under which term a bridge owns its store: of the bridges that share one the highest serves.
package struct StoreTerm: Hashable, Sendable {
    /// How often the store had got an owner; 0 where the bridge has a store of its own.
    var number: Int64 = 0
    /// The number by which bridges tell whether they share a store.
    var store: Int64 = 0

    /// A term.
    package init(number: Int64 = 0, store: Int64 = 0) {
        self.number = number
        self.store = store
    }

    /// Whether other bridges may want the store.
    var isShared: Bool { number > 0 }

    /// Whether it comes after another term of the same store.
    func isAfter(_ other: StoreTerm) -> Bool { store == other.store && number > other.number }
}
