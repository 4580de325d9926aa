import Presence

extension PresenceClient {
    /// How many statuses or subscriptions are asked for at a time.
    private static let perPage: Int64 = 500

    /// Hears an event: what changed, and which subscriptions ended.
    func hearEvent(_ payload: [UInt8]) {
        if proof.heard() { audience.tell(.missingEvents(topic: nil)) }
        for item in EventItem.read(payload) ?? [] {
            switch item {
            case .status(let status): hear(status)
            case .ended(let user, .expired): endByItself(user, .expired)
            case .ended(let user, .evicted): endByItself(user, .evicted)
            }
        }
    }

    /// Tells a status, if it is news.
    func hear(_ status: UserStatus) {
        if watchlist.isNews(status) { audience.tell(.status(status)) }
    }

    /// Notes a subscription, and tells the status that it shows, also if it was told before: those
    /// who read since know nothing of it.
    func hear(_ subscription: Subscription) {
        watchlist.subscribed(to: subscription.status.username, until: subscription.expires)
        if watchlist.isNews(subscription.status) || watchlist.isNewest(subscription.status) {
            audience.tell(.status(subscription.status))
        }
    }

    /// A subscription is over: by name, or, with `nil`, the one to everyone.
    func ended(_ user: Name?, _ end: Update.End) {
        watchlist.ended(user)
        audience.tell(.subscriptionEnded(username: user, end))
    }

    /// Learns what was missed, as often as there was an absence.
    func catchUp() {
        mustCatchUpAgain = true
        guard catchingUp == nil else { return }
        catchingUp = Task { [weak self] in
            // Between two tries it does not keep the client alive.
            while await self?.mustTryAgain() ?? false {
                // The bridge is away, or restarted meanwhile, or takes a rest.
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// Learns what was missed; returns whether that must be tried again.
    private func mustTryAgain() async -> Bool {
        while mustCatchUpAgain, !Task.isCancelled {
            mustCatchUpAgain = false
            do {
                try await readMissed()
            } catch {
                if case .over = phase { break }
                mustCatchUpAgain = true
                return true
            }
            if !mustCatchUpAgain { audience.tell(.caughtUp) }
        }
        catchingUp = nil
        return false
    }

    /// Reads everything that changed since the last time, and which subscriptions are left.
    private func readMissed() async throws {
        let begun = caughtUpTo
        let (_, time) = try await sync(after: begun)
        try await readSubscriptions(at: time)
        caughtUpTo = time
    }

    /// The statuses of all whom the user is subscribed to; with a subscription to everyone, of
    /// everyone who is online, too.
    public func statusesOfSubscribed() async throws -> [UserStatus] {
        while true {
            do {
                return try await sync(after: 0).statuses
            } catch let error as PresenceError where error.code == .invalidPage {
                continue
            }
        }
    }

    /// Reads the statuses that changed at or after a time; returns them, and the bridge's time at
    /// which it began.
    func sync(after: Int64) async throws -> (statuses: [UserStatus], time: Int64) {
        var statuses: [UserStatus] = []
        var time: Int64?
        var cursor: String?
        repeat {
            let result = try await ask(
                .sync(after: after, pageSize: Self.perPage, cursor: cursor)
            )
            guard let users = result["users"]?.array, let now = result["time"]?.integer else {
                throw PresenceError.unintelligible(operation: "sync")
            }
            let page = users.compactMap(\.object).compactMap(UserStatus.init(reading:))
            for status in page { hear(status) }
            statuses += page
            time = time ?? now
            cursor = result["cursor"]?.string
        } while cursor != nil
        return (statuses, time ?? after)
    }

    /// Which subscriptions ended while nobody could be told is seen by what is not there any more.
    private func readSubscriptions(at time: Int64) async throws {
        let believed = Set(watchlist.names)
        let believedEveryone = watchlist.everyone
        let list = try await allSubscriptions()
        var found = Set<Name>()
        for entry in list.entries {
            found.insert(entry.username)
            watchlist.subscribed(to: entry.username, until: entry.expires)
        }
        if let everyone = list.everyone {
            watchlist.subscribedToEveryone(until: everyone)
        } else if let end = believedEveryone, end == watchlist.everyone {
            endByItself(nil, end <= time ? .expired : .unsubscribed)
        }
        for name in believed.subtracting(found).sorted() {
            guard let end = watchlist.end(of: name) else { continue }
            endByItself(name, end <= time ? .expired : .unsubscribed)
        }
    }

    /// A subscription has ended without the user's doing here.
    private func endByItself(_ user: Name?, _ end: Update.End) {
        if end == .expired {
            renewals.hasEnded(user, at: .now)
        } else {
            renewals.drop(user)
        }
        ended(user, end)
    }
}
