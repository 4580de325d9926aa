import Presence

/// `subscribe`, decided before anything is changed.
struct SubscribeOrder {
    let expires: UInt32
    /// Whose subscriptions give way.
    let evicted: [UserID]
    /// To whom: the name, and its number if it has one.
    let subscribed: [(name: Name, id: UserID?)]
    let result: JSONWriter
}

extension Call {
    /// - Parameters:
    ///   - all: the caller's subscriptions that have not ended, sorted by user.
    ///   - watcherCount: how many watchers a user has.
    func subscribe(
        to usernames: [Name],
        expiry: Int64,
        _ all: [Subscription],
        _ names: Names,
        _ statuses: some Statuses,
        watcherCount: (UserID) -> Int,
        at now: Instant
    ) throws(Refusal) -> SubscribeOrder {
        let limits = settings.limits
        let expires = UInt32(clamping: now.nextSecond + expiry)
        let held = all.filter { $0.user != .everyone }
        let wanted = usernames.map { names.id(of: $0) }
        let plan = SubscriptionPlan(
            held: held,
            wanted: wanted,
            expires: expires,
            // The subscription to everyone is one of them, and gives way to none.
            limit: limits.maxSubscriptions - (all.count - held.count),
            isFull: { limits.maxWatchers > 0 && watcherCount($0) >= limits.maxWatchers },
            precedes: { names[$0] < names[$1] }
        )
        guard !plan.subscribed.isEmpty else {
            throw Refusal(
                .limitExceeded,
                "\(limits.maxSubscriptions) subscriptions at most, and none that has less time "
                    + "left can give way; or the users have all the watchers they may have"
            )
        }
        let places = plan.subscribed
        let room = settings.statusRoom
        var json = JSONWriter(reserving: 256 * usernames.count)
        json.beginObject()
        json.key("subscribed")
        json.beginArray()
        for place in places {
            statuses.status(of: usernames[place], names, room: room)
                .write(to: &json, expires: Int64(expires))
        }
        json.endArray()
        json.names("evicted", plan.evicted.map { names[$0] })
        json.names("rejected", plan.rejected.map { usernames[$0] })
        json.endObject()
        try checkLength(of: json)
        return SubscribeOrder(
            expires: expires,
            evicted: plan.evicted,
            subscribed: places.map { (usernames[$0], wanted[$0]) },
            result: json
        )
    }
}
