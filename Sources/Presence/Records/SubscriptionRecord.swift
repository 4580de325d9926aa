/// A subscription: who watches, who is watched, and until when.
public struct SubscriptionRecord: Hashable, Sendable {
    /// The user who watches.
    public var watcher: UserID
    /// The user who is watched, or ``UserID/everyone``.
    public var user: UserID
    /// The Unix second at which the subscription ends.
    public var expires: Int64

    /// A record of a subscription.
    public init(watcher: UserID, user: UserID, expires: Int64) {
        self.watcher = watcher
        self.user = user
        self.expires = expires
    }
    /// The record of a subscription that a watcher has.
    public init(_ watcher: UserID, _ watched: WatchedUser) {
        self.init(watcher: watcher, user: watched.user, expires: watched.expires)
    }
}
