import Mosquitto
import Presence

extension PresenceClient {
    private static let perPage: Int64 = 500

    func tell(_ updates: [Update]) {
        for update in updates { readers.tell(update) }
    }

    /// Learns what was missed, as often as there was an absence.
    func catchUp() {
        mustCatchUpAgain = true
        guard catchingUp == nil else { return }
        catchingUp = Task { [weak self] in
            // Between two tries it does not keep the client alive.
            while await self?.mustTryAgain() ?? false {
                // The bridge is away, or restarted meanwhile, or does not accept writes.
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
            if !mustCatchUpAgain { readers.tell(.caughtUp) }
        }
        catchingUp = nil
        return false
    }

    /// Reads everything that changed since the last time, and which subscriptions are left.
    private func readMissed() async throws {
        let (_, time) = try await sync(after: caughtUpTo)
        let before = state
        let list = try await allSubscriptions()
        tell(state.compare(with: list, before: before, time: time, at: .now))
        caughtUpTo = time
    }

    /// The statuses of all whom the user is subscribed to; with a subscription to everyone, of
    /// everyone who is online, too.
    public func statusesOfSubscribed() async throws -> [UserStatus] {
        try await pages(syncRequest(after: 0), reading: readSync).flatMap(\.statuses)
    }

    /// Reads the statuses that changed at or after a time; returns them, and the bridge's time at
    /// which it began.
    private func sync(after: Int64) async throws -> (statuses: [UserStatus], time: Int64) {
        let pages = try await pagesOnce(syncRequest(after: after), reading: readSync)
        return (pages.flatMap(\.statuses), pages.first?.time ?? after)
    }

    private func syncRequest(after: Int64) -> (String?) -> Request {
        { .sync(after: after, pageSize: Self.perPage, cursor: $0) }
    }

    private func readSync(_ result: JSONObject) -> (statuses: [UserStatus], time: Int64)? {
        guard let statuses = result["users"]?.statuses, let time = result["time"]?.integer else {
            return nil
        }
        tell(statuses.compactMap { state.hear($0) })
        return (statuses, time)
    }

    // MARK: Whether events arrive

    /// Finds out whether events arrive, as long as none has.
    func checkEvents(at now: ContinuousClock.Instant) {
        switch state.proof.step(at: now) {
        case .none: break
        case .look: Task { await look() }
        case .tell: readers.tell(.missingEvents(topic: topics.event(user)))
        }
    }

    /// Asks what has changed, and sees whether an event should have told it.
    ///
    /// While there is something to catch up on, nothing is proven by what is new; and of a user of
    /// whom nothing was told, nothing is known of when the subscription began.
    private func look() async {
        let before = state.watchlist.newest
        let isBehind = catchingUp != nil
        let statuses = (try? await sync(after: caughtUpTo))?.statuses ?? []
        let hasNews = statuses.contains { status in
            guard let told = before[status.username] else { return false }
            return told < status.seq && state.watchlist.isNewest(status)
        }
        state.proof.looked(hasNews: hasNews && !isBehind && catchingUp == nil, at: .now)
    }

    /// Subscribes to the user's own status, to see what others see of the device.
    ///
    /// Without the right to it the client sees less, and all else works.
    func readOwnStatus(on connection: Connection) {
        guard options.announces, ownStatus.isWanted else { return }
        ownStatus.asked(
            try? connection.subscribe([topics.status(user)], options: SubscriptionOptions(qos: 1))
        )
    }
}
