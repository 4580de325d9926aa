/// One of the bridges that share a store, of which one at a time owns it.
public struct Member: Hashable, Sendable {
    /// The id of the bridge, which no other one of them has.
    public let id: String
    /// What tells this process from others with the id.
    public let incarnation: Int64
    /// What the topics of the bridge begin with, which is the same for all of them; `nil` where it does not matter.
    public let topicPrefix: String?
    /// For how long the bridge counts as alive after its last sign of life, in milliseconds.
    public let lease: Int64

    /// A process of a bridge.
    public init(_ id: String, topicPrefix: String? = nil, lease: Int64) {
        self.id = id
        self.topicPrefix = topicPrefix
        self.lease = lease
        incarnation = .random(in: 1...Int64(Int32.max))
    }
}
