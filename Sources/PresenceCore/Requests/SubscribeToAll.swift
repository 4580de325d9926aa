import Presence

/// `subscribe` to everyone, which counts as one subscription, has no name, and never gives way.
extension Call {
    func subscribeToAll(
        expiry: Int64,
        _ held: [Subscription],
        at now: Instant
    ) throws(Refusal) -> SubscribeOrder {
        let limit = settings.limits.maxSubscriptions
        guard held.first?.user == .everyone || held.count < limit else {
            throw Refusal(
                .limitExceeded,
                "\(limit) subscriptions at most; unsubscribe from a user first"
            )
        }
        let expires = UInt32(clamping: now.nextSecond + expiry)
        var json = JSONWriter()
        json.beginObject()
        json.names("subscribed", [])
        json.all(until: expires)
        json.names("evicted", [])
        json.names("rejected", [])
        json.endObject()
        try checkLength(of: json)
        return SubscribeOrder(expires: expires, evicted: [], subscribed: [], result: json)
    }
}
