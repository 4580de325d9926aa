/// One of the bridges that share a store, of which one at a time owns it.
public struct Member: Hashable, Sendable {
    /// The id of the bridge, which no other one of them has.
    public let id: String
    /// What tells this process from others with the id.
    public let incarnation: Int64
    /// For how long the bridge counts as alive after its last sign of life, in milliseconds.
    public let lease: Int64

    /// A process of a bridge.
    public init(_ id: String, lease: Int64) {
        self.id = id
        self.lease = lease
        incarnation = .random(in: 1...Int64(Int32.max))
    }
}
