import Presence

/// How a connection that was read to its end begins to serve.
extension PresenceCore {
    /// A retained status, found at a connection.
    mutating func findStatus(of name: Name, _ payload: [UInt8], at now: Instant) {
        guard case .reading = phase else { return }
        let known = directory.id(of: name).map { roster[$0].seq } ?? 0
        guard let status = UserStatus(reading: payload, of: name) else {
            if known == 0 { turn.writes.append(.clear(.status(name))) }
            return
        }
        // What is retained is newer than what is stored only if the store was lost or replaced
        // by an older one: then it is the best that is known.
        if status.seq > known { adopt(status, at: now) }
        if let id = directory.id(of: name), status.seq >= known {
            readings.soundStatuses.set(Int(id), to: true)
        }
    }

    private mutating func adopt(_ status: UserStatus, at now: Instant) {
        let id = directory.intern(status.username)
        roster[id].description = status.description
        roster[id].cause = status.cause
        roster[id].since = status.since
        roster[id].updated = status.updated
        roster[id].seq = status.seq
        clock.learn(status.updated)
        for shown in status.devices where roster[id].index(of: shown.name) == nil {
            let record = DeviceRecord(
                user: id,
                name: shown.name,
                status: shown.status,
                epoch: broker.epoch - (broker.isSettled ? 0 : 1),
                heard: status.since ?? clock.second(at: now)
            )
            roster[id].devices.append(Device(restoring: record))
            ledger.devices.insert(.init(user: id, device: shown.name))
        }
        // A store that was replaced by an older one may hold other devices: that is a change.
        let before = Visible(devices: status.devices, description: status.description)
        touch(id)
        touched[id]?.before = before
        ledger.users.insert(id)
        schedule(id)
    }

    /// Everything is read: what differs is told, and requests are taken.
    mutating func beginServing(at now: Instant) {
        phase = .serving
        readings.hasReadOnce = true
        if broker.uncertainUntil == nil { becomeCertain(at: now) }
        for id in 1..<max(1, roster.end)
        where roster[id].seq > 0 && !readings.soundStatuses.contains(Int(id)) {
            // A watcher asks again after a restart of the broker, which has lost its events, too.
            turn.told.append(.init(user: id, isTold: !broker.hasRestarted))
        }
        readings.soundStatuses = BitSet()
        turn.serves = true
        if broker.hasRestarted || broker.suspectsEnd == nil {
            if !broker.isSettled { watchSuspects(at: now) }
        } else {
            askSuspectsAgain(at: now)
        }
        askUnconfirmed()
        resumeDoubts(at: now)
        audit.beginRound(at: now)
        scheduleAudit(at: now)
    }
}
