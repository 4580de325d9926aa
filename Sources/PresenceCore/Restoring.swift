import Presence

extension PresenceCore {
    /// Takes in what a store replays, before any other input.
    ///
    /// The broker comes first, then users, then devices, then subscriptions; it ends with
    /// ``endRestoring()``.
    public mutating func restore(_ change: Change) {
        switch change {
        case .putBroker(let record):
            broker.watch = BrokerWatch(started: record.started)
            broker.epoch = record.epoch
            broker.isSettled = record.isSettled
            broker.clockStored = record.clock
            broker.lastStart = record.lastStart
            restoreMark(record)
            clock.learn(record.clock)
        case .putUser(let record):
            directory.restore(record.name, as: record.id)
            ledger.restore(record.id)
            roster[record.id].restore(record)
            clock.learn(record.updated)
            clock.learn(record.since)
            schedule(record.id)
        case .putDevice(let record):
            // A verdict may tell it yet.
            clock.learn(record.heard)
            roster.append(Device(restoring: record), to: record.user)
        case .putSubscription(let record):
            let expires = UInt32(clamping: record.expires)
            watching.restore(
                Subscription(user: record.user, expires: expires),
                of: record.watcher
            )
        case .removeUser, .removeDevice, .removeSubscription:
            preconditionFailure("a store replays itself as puts, not as \(change)")
        }
    }

    /// Everything is restored.
    public mutating func endRestoring() {
        directory.endRestoring()
        watching.endRestoring()
        scheduleEnds()
        // Names that were dropped, whose rows a kill has left behind.
        for id in 1..<directory.end
        where directory.name(of: id) != nil && !roster[id].isKnown && !watching.refers(to: id) {
            candidates.insert(id)
        }
    }

    /// The latest Unix second that was told before, as far as the store knows; 0 when none was.
    public var latestSecond: Int64 { clock.latest }

    /// The Unix second to tell as that of the bridge's start.
    ///
    /// It is stored and later than that of the start before, so that watchers can tell two starts
    /// apart that are within one second.
    public mutating func start(at now: Instant) -> Int64 {
        broker.lastStart = max(now.second, broker.lastStart + 1)
        ledger.isBrokerDue = true
        return broker.lastStart
    }
}
