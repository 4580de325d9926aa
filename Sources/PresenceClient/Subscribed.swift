import Presence

/// A subscription and what there is to see by it.
public struct Subscription: Hashable, Sendable {
    /// The status of the user who is watched.
    public var status: UserStatus
    /// When the subscription ends, in Unix seconds.
    public var expires: Int64

    /// Reads a status with the end of its subscription.
    package init?(_ value: JSONValue) {
        guard let object = value.object, let status = UserStatus(reading: object),
            let expires = object["expires"]?.integer
        else { return nil }
        self.status = status
        self.expires = expires
    }
}

/// What became of a wish to subscribe.
public struct Subscribed: Hashable, Sendable {
    /// The subscriptions that were made or made anew, in the order of the wish.
    public var subscribed: [Subscription] = []
    /// Users whose subscriptions gave way to longer ones.
    public var evicted: [Name] = []
    /// Users for whom there was no place.
    public var rejected: [Name] = []
}

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

extension JSONValue {
    /// A number of things; `nil` when it is none.
    var count: Int? { integer.flatMap { $0 < 0 ? nil : Int(exactly: $0) } }

    /// The elements as names of users; `nil` when one is none.
    var names: [Name]? {
        guard let array else { return nil }
        let names = array.compactMap { $0.string.flatMap(Name.init(user:)) }
        return names.count == array.count ? names : nil
    }
}
