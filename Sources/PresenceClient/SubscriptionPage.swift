import Presence

/// A page of the user's own subscriptions.
public struct SubscriptionPage: Hashable, Sendable {
    /// One subscription in the list.
    public struct Entry: Hashable, Sendable {
        /// The user who is watched.
        public var username: Name
        /// When the subscription ends, in Unix seconds.
        public var expires: Int64
    }

    /// How many subscriptions by name there are in all.
    public var total: Int
    /// Those on this page, sorted by name.
    public var entries: [Entry]
    /// When the subscription to everyone ends, in Unix seconds, if there is one.
    public var everyone: Int64?

    /// Reads the answer to `subscriptions`.
    package init?(_ result: JSONObject) {
        guard let total = result["total"]?.count,
            let subscriptions = result["subscriptions"]?.array
        else { return nil }
        self.total = total
        everyone = result["all"]?.object?["expires"]?.integer
        entries = []
        for subscription in subscriptions {
            guard let object = subscription.object, let expires = object["expires"]?.integer,
                let username = object["username"]?.string.flatMap(Name.init(user:))
            else { return nil }
            entries.append(Entry(username: username, expires: expires))
        }
    }
}
