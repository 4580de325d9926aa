/// A subscription as its watcher has it: who is watched, and until when.
public struct WatchedUser: Hashable, Sendable {
    /// The user who is watched, or ``UserID/everyone``.
    public var user: UserID
    /// The Unix second at which the subscription ends.
    public var expires: Int64

    /// A subscription of a watcher who is known from elsewhere.
    @inlinable
    public init(user: UserID, expires: Int64) {
        self.user = user
        self.expires = expires
    }
}

extension [WatchedUser] {
    /// Hands out the subscriptions, which are a watcher's, one by one.
    public func replay(of watcher: UserID, _ body: (Change) -> Void) {
        for watched in self { body(.putSubscription(SubscriptionRecord(watcher, watched))) }
    }
}
