import Mosquitto
import Presence

extension PresenceClient {
    /// Finds out whether events arrive, as long as none has.
    func seekProof(at now: ContinuousClock.Instant) {
        switch state.proof.step(at: now) {
        case .none: break
        case .look: Task { await look() }
        case .tell: audience.tell(.missingEvents(topic: topics.event(user)))
        }
    }

    /// Asks what has changed, and sees whether an event should have told it.
    ///
    /// While there is something to catch up on, nothing is proven by what is new; and of a user of
    /// whom nothing was told, nothing is known of when the subscription began.
    private func look() async {
        let before = state.watchlist.newest
        let isBehind = catchingUp != nil
        let answer = try? await sync(after: caughtUpTo)
        let hasNews =
            answer?.statuses.contains { status in
                before[status.username].map { $0 < status.seq && state.watchlist.isNewest(status) }
                    ?? false
            } ?? false
        state.proof.looked(hasNews: hasNews && !isBehind && catchingUp == nil, at: .now)
    }

    /// Subscribes to the user's own status, to see what others see of the state.device.
    ///
    /// Without the right to it the client sees less, and all else works.
    func readOwnStatus(on connection: Connection) {
        guard options.announces, ownStatus.isWanted else { return }
        ownStatus.asked(
            try? connection.subscribe([topics.status(user)], options: SubscriptionOptions(qos: 1))
        )
    }
}
