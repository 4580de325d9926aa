/// Under which term a bridge owns a store that bridges share: of those with one store the highest one serves.
struct StoreTerm: Hashable {
    /// How often the store had got an owner; 0 where the bridge has a store of its own.
    var number: Int64 = 0
    /// What tells the store from others.
    var store: Int64 = 0

    /// Whether it comes after another term of the same store.
    func isAfter(_ other: StoreTerm) -> Bool { store == other.store && number > other.number }
}
