import Foundation
import Presence

extension PresenceClient {
    /// The most users in one request; longer lists are asked for in parts.
    static let usersPerRequest = 100

    /// Subscribes to users: their changes come to the streams of ``updates(capacity:)``.
    ///
    /// The subscriptions are the user's, for all its devices, and last when the client is closed.
    /// Who is subscribed to already gets the new expiry, a shorter one too. Past 3,000 users, those
    /// with the least time left give way to longer ones. More than 100 users are asked for in
    /// parts; when one part is refused, those before it are done.
    ///
    /// - Parameters:
    ///   - usernames: Whom; a name that comes twice counts once.
    ///   - expiry: For how long, 1 s to 30 days; `nil` for the bridge's default, 7 days.
    ///   - renews: Whether the client subscribes again before they end, as long as it lives.
    /// - Throws: ``PresenceError``: `invalid_username`, `invalid_expiry`, `limit_exceeded` when there
    ///   was no place for any of them.
    @discardableResult
    public func subscribe(
        to usernames: [String],
        expiry: Duration? = nil,
        renews: Bool = false
    ) async throws -> Subscribed {
        let names = try Self.distinct(usernames)
        var all = Subscribed()
        var refusal: PresenceError?
        for part in names.parts(of: Self.usersPerRequest) {
            do {
                let subscribed = try await subscribe(to: part, expiry: expiry?.wholeSeconds)
                all.subscribed += subscribed.subscribed
                all.evicted += subscribed.evicted
                all.rejected += subscribed.rejected
            } catch let error as PresenceError where error.code == .limitExceeded {
                refusal = error
                all.rejected += part
            }
        }
        if let refusal, all.subscribed.isEmpty { throw refusal }
        if renews {
            for subscription in all.subscribed { keep(subscription, expiry: expiry?.wholeSeconds) }
        }
        return all
    }

    /// Subscribes to every user, those who come later too; needs the operator's leave.
    ///
    /// - Returns: When the subscription ends, in Unix seconds.
    /// - Throws: ``PresenceError``: `forbidden` without the leave.
    @discardableResult
    public func subscribeToEveryone(
        expiry: Duration? = nil,
        renews: Bool = false
    ) async throws -> Int64 {
        let seconds = expiry?.wholeSeconds
        let expires = try await ask(.subscribe(.everyone, expiry: seconds)) {
            $0["all"]?.object?["expires"]?.integer
        }
        state.watchlist.subscribedToEveryone(until: expires)
        if renews { keep(nil, until: expires, expiry: seconds) }
        return expires
    }

    /// Ends subscriptions: no update of these users comes after this, unless the user is
    /// subscribed to everyone.
    ///
    /// - Returns: Those that there were.
    @discardableResult
    public func unsubscribe(from usernames: [String]) async throws -> [Name] {
        var all: [Name] = []
        for part in try Self.distinct(usernames).parts(of: Self.usersPerRequest) {
            for name in part { state.renewals.drop(name) }
            let names = try await ask(.unsubscribe(.users(part.map(\.text)))) {
                $0["unsubscribed"]?.names
            }
            // A renewal may have been under way.
            for name in part { state.renewals.drop(name) }
            tell(names.map { state.ended($0, .unsubscribed) })
            all += names
        }
        return all
    }

    /// Ends all subscriptions, the one to everyone and every single one.
    ///
    /// - Returns: The users who were subscribed to by name, sorted, and whether there was one to
    ///   everyone.
    @discardableResult
    public func unsubscribeFromEveryone() async throws -> (usernames: [Name], everyone: Bool) {
        state.renewals.dropAll()
        let (names, everyone) = try await ask(.unsubscribe(.everyone)) { result in
            result["unsubscribed"]?.names.map { ($0, result["all"]?.bool ?? false) }
        }
        state.renewals.dropAll()
        let ended = names.map(Name?.some) + (everyone ? [nil] : [])
        tell(ended.map { state.ended($0, .unsubscribed) })
        return (names, everyone)
    }

    /// One page of the user's own subscriptions, sorted by name.
    ///
    /// - Parameters:
    ///   - page: From 0.
    ///   - size: 1 to 500 on each.
    public func subscriptions(page: Int = 0, size: Int = 50) async throws -> SubscriptionPage {
        try await ask(
            .subscriptions(pageNum: Int64(page), pageSize: Int64(size)),
            reading: SubscriptionPage.init
        )
    }

    /// All of the user's own subscriptions, as one page, sorted by name.
    ///
    /// Read again from the beginning when the list changes meanwhile.
    public func allSubscriptions() async throws -> SubscriptionPage {
        var reading = SubscriptionReading()
        var number = 0
        while true {
            let page = try await subscriptions(page: number, size: SubscriptionReading.size)
            switch reading.take(page) {
            case .read(let next): number = next
            case .done(let list): return list
            case .failed: throw PresenceError.unintelligible(operation: "subscriptions")
            }
        }
    }

    private func subscribe(to part: [Name], expiry: Int64?) async throws -> Subscribed {
        let done = try await ask(
            .subscribe(.users(part.map(\.text)), expiry: expiry),
            reading: Subscribed.init
        )
        tell(state.hear(done))
        return done
    }

    private func keep(_ subscription: Subscription, expiry: Int64?) {
        keep(subscription.status.username, until: subscription.expires, expiry: expiry)
    }

    private func keep(_ user: Name?, until expires: Int64, expiry: Int64?) {
        // This machine's clock, which may differ from the bridge's.
        let time = Int64(Date.now.timeIntervalSince1970)
        state.renewals.keep(user, expiry: expiry, until: expires, time: time, at: .now)
    }

    /// Subscribes anew to those who are to be kept and whose time comes.
    func renew(at now: ContinuousClock.Instant) {
        for (expiry, users) in state.renewals.due(at: now) {
            Task {
                // What fails is tried again after a while.
                if users.contains(nil) {
                    let duration = expiry.map { Duration.seconds($0) }
                    _ = try? await subscribeToEveryone(expiry: duration, renews: true)
                }
                for part in users.compactMap(\.self).parts(of: Self.usersPerRequest) {
                    try? await renew(part, expiry: expiry)
                }
            }
        }
    }

    private func renew(_ names: [Name], expiry: Int64?) async throws {
        // Some may have been unsubscribed from since.
        let kept = names.filter(state.renewals.keeps)
        guard !kept.isEmpty else { return }
        let done = try await subscribe(to: kept, expiry: expiry)
        for subscription in done.subscribed where state.renewals.keeps(subscription.status.username)
        {
            keep(subscription, expiry: expiry)
        }
        for name in done.rejected {
            state.renewals.drop(name)
            tell([state.ended(name, .evicted)])
        }
    }

    /// The names, each once.
    ///
    /// - Throws: `invalid_username` before anything is asked, so that nothing is half done.
    static func distinct(_ usernames: [String]) throws(PresenceError) -> [Name] {
        var seen = Set<Name>()
        var names: [Name] = []
        for username in usernames {
            guard let name = Name(user: username) else {
                throw .refused(.invalidUsername, Name.refusal(user: username))
            }
            if seen.insert(name).inserted { names.append(name) }
        }
        return names
    }
}

extension Array {
    package func parts(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
