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

    /// Behind which time the next sign of life is due, in milliseconds: so the loss of two of them is no silence of a lease.
    var signPause: Int64 { min(1_000, lease / 3) }

    /// How long an owner may not have asked whether the store is still its own, in milliseconds: with the pause before its
    /// last sign of life that is less than the lease, behind which another bridge may have taken the store.
    var longestPause: Int64 { lease / 2 }

    /// How long a candidate may not have looked, in milliseconds, and is there without a break all the same.
    var longestBreak: Int64 { lease / 3 }

    /// A process of a bridge.
    public init(_ id: String, topicPrefix: String? = nil, lease: Int64) {
        self.id = id
        self.topicPrefix = topicPrefix
        self.lease = lease
        incarnation = .random(in: 1...Int64(Int32.max))
    }
}
