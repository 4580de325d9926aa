import Presence

/// What became of a wish to subscribe.
public struct Subscribed: Hashable, Sendable {
    /// The subscriptions that were made or made anew, in the order of the wish.
    public var subscribed: [Subscription] = []
    /// Users whose subscriptions gave way to longer ones.
    public var evicted: [Name] = []
    /// Users for whom there was no place.
    public var rejected: [Name] = []

    package init() {}
}

extension Subscribed {
    /// Reads the answer to `subscribe`.
    package init?(_ result: JSONObject) {
        guard let statuses = result["subscribed"]?.array, let evicted = result["evicted"]?.names,
            let rejected = result["rejected"]?.names
        else { return nil }
        subscribed = statuses.compactMap(Subscription.init)
        self.evicted = evicted
        self.rejected = rejected
    }
}
