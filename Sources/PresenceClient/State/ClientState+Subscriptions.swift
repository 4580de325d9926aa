import Mosquitto
import Presence

/// Whom the user is subscribed to, and what was told of them.
extension ClientState {
    mutating func hearEvent(_ payload: [UInt8], at now: ContinuousClock.Instant) -> [Outcome] {
        var outcomes: [Outcome] = []
        if proof.heard() { outcomes.append(.tell(.missingEvents(topic: nil))) }
        for item in EventItem.read(payload) ?? [] {
            switch item {
            case .status(let status):
                if let update = hear(status) { outcomes.append(.tell(update)) }
            case .ended(let user, let end):
                let end: Update.End = end == .expired ? .expired : .evicted
                outcomes.append(.tell(endedByItself(user, end, at: now)))
            }
        }
        return outcomes
    }

    /// Hears a status; returns it, if it is news.
    package mutating func hear(_ status: UserStatus) -> Update? {
        watchlist.isNews(status) ? .status(status) : nil
    }

    /// Hears what became of a wish to subscribe; returns what the app is told.
    ///
    /// A status that a subscription shows is told also if it was told before: those who read since
    /// know nothing of it.
    package mutating func hear(_ done: Subscribed) -> [Update] {
        var updates: [Update] = []
        for subscription in done.subscribed {
            let status = subscription.status
            watchlist.subscribed(to: status.username, until: subscription.expires)
            if watchlist.isNews(status) || watchlist.isNewest(status) {
                updates.append(.status(status))
            }
        }
        for name in done.evicted {
            renewals.drop(name)
            updates.append(ended(name, .evicted))
        }
        return updates
    }

    /// Notes that a subscription is over: by name, or, with `nil`, the one to everyone.
    mutating func ended(_ user: Name?, _ end: Update.End) -> Update {
        watchlist.ended(user)
        return .subscriptionEnded(username: user, end)
    }

    /// Notes that a subscription has ended without the user's doing here.
    mutating func endedByItself(
        _ user: Name?,
        _ end: Update.End,
        at now: ContinuousClock.Instant
    ) -> Update {
        if end == .expired {
            renewals.hasEnded(user, at: now)
        } else {
            renewals.drop(user)
        }
        return ended(user, end)
    }

    /// Compares the list of the user's subscriptions with what is known of them; returns what the
    /// app is told.
    ///
    /// Which ones ended while nobody could be told is seen by what is not there any more.
    ///
    /// - Parameters:
    ///   - list: All of them.
    ///   - before: What was known when the list was asked for.
    ///   - time: The bridge's time of then, in Unix seconds.
    package mutating func compare(
        with list: SubscriptionPage,
        before: ClientState,
        time: Int64,
        at now: ContinuousClock.Instant
    ) -> [Update] {
        var updates: [Update] = []
        var found = Set<Name>()
        for entry in list.entries {
            found.insert(entry.username)
            watchlist.subscribed(to: entry.username, until: entry.expires)
        }
        if let everyone = list.everyone {
            watchlist.subscribedToEveryone(until: everyone)
        } else if let end = before.watchlist.everyone, end == watchlist.everyone {
            updates.append(endedByItself(nil, end <= time ? .expired : .unsubscribed, at: now))
        }
        for name in Set(before.watchlist.names).subtracting(found).sorted() {
            guard let end = watchlist.end(of: name) else { continue }
            updates.append(endedByItself(name, end <= time ? .expired : .unsubscribed, at: now))
        }
        return updates
    }
}
