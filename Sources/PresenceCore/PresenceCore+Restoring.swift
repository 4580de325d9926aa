import Presence

/// What a store knows, taken in at the start.
extension PresenceCore {
    /// The last id that was given to a change in the change log.
    public var lastLogged: Int64 { changeLog.last }

    /// Takes in what a store replays, before any other input.
    ///
    /// The broker comes first, then users, then devices, then subscriptions, by themselves or by
    /// ``restore(_:of:)``; it ends with ``endRestoring()``.
    public mutating func restore(_ change: Change) {
        switch change {
        case .putBroker(let record):
            broker.restore(record, ownTopic: settings.ownTopic)
            clock.learn(record.clock)
        case .putUser(let record):
            names.restore(record.name, as: record.id)
            unsaved.restore(record.id)
            users.restore(record, limits)
            clock.learn(record.updated)
            clock.learn(record.since)
            followUsers()
        case .putDevice(let record):
            // A verdict may tell it yet.
            clock.learn(record.heard)
            if let user = names.name(of: record.user), adoption.claims(user, record.name) {
                adoption.restore(record, of: user)
                devices.note(adopted: adoption.shownCount(of: record.user), of: record.user)
            } else {
                devices.restore(record)
            }
            users.restore(record)
        case .putSubscription(let record):
            let watched = WatchedUser(user: record.user, expires: record.expires)
            watching.restore([watched], of: record.watcher)
        case .log(let step): changeLog.restore(step)
        case .removeUser, .removeDevice, .removeSubscription:
            preconditionFailure("a store replays itself as puts, not as \(change)")
        }
    }

    /// Takes in some of a watcher's subscriptions, sorted by user, and behind those that came before.
    ///
    /// There may be millions, and one by one each would cost several times as much.
    public mutating func restore(_ watched: [WatchedUser], of watcher: UserID) {
        watching.restore(watched, of: watcher)
    }

    /// Everything is restored.
    public mutating func endRestoring() {
        names.endRestoring()
        watching.endRestoring(&calendar)
        // Names that were dropped, whose rows a kill has left behind.
        for id in 1..<names.end where names.name(of: id) != nil && !isNeeded(id) {
            names.release(id)
        }
    }

    /// The Unix second to tell as that of the bridge's start.
    ///
    /// It is stored and later than that of the start before, so that watchers can tell two starts
    /// apart that are within one second.
    public mutating func start(at now: Instant) -> Int64 {
        unsaved.noteBroker()
        if limits.historyKeep == .zero { changeLog.pause() }
        return broker.start(at: now)
    }
}
