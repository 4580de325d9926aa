import Presence

extension PresenceClient {
    /// How many statuses or subscriptions are asked for at a time.
    private static let perPage: Int64 = 500

    /// Tells what the state says.
    func tell(_ updates: [Update]) {
        for update in updates { audience.tell(update) }
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
        let before = state
        let list = try await allSubscriptions()
        tell(state.compare(with: list, before: before, time: time, at: .now))
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
            tell(page.compactMap { state.hear($0) })
            statuses += page
            time = time ?? now
            cursor = result["cursor"]?.string
        } while cursor != nil
        return (statuses, time ?? after)
    }
}
