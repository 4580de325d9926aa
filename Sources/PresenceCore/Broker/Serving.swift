import Presence

/// How a connection that was read to its end begins to serve.
extension PresenceCore {
    /// A retained status, found at a connection.
    mutating func findStatus(of name: Name, _ payload: [UInt8], at now: Instant) {
        guard case .reading = phase else { return }
        let id = directory.id(of: name)
        let known = id.map { roster[$0].seq } ?? 0
        // The rule, and sooner written than read.
        if let id, known > 0, toldStatus(of: id, named: name)?.payload == payload {
            readings.soundStatuses.set(Int(id), to: true)
            return
        }
        guard let status = UserStatus(reading: payload, of: name) else {
            if known == 0 { turn.writes.append(.clear(.status(name))) }
            return
        }
        // What is retained is newer than what is stored only if the store was lost or replaced
        // by an older one: then it is the best that is known. Or the user was forgotten, and the
        // broker has not heard of it.
        if status.seq > known {
            // Whom a process that has read everything does not know it has forgotten.
            let isForgotten = known == 0 && readings.hasReadOnce
            guard !isForgotten, !isOver(status, at: now) else {
                if known == 0 { turn.writes.append(.clear(.status(name))) }
                return
            }
            adopt(status, at: now)
        }
        if let id = directory.id(of: name), status.seq >= known {
            readings.soundStatuses.set(Int(id), to: true)
        }
    }

    /// Whether a status is of somebody who has been gone so long that it is forgotten.
    private func isOver(_ status: UserStatus, at now: Instant) -> Bool {
        guard !status.isOnline, limits.forgetAfter > .zero, let updated = status.updated else {
            return false
        }
        return updated * 1_000 + limits.forgetAfter.milliseconds <= now.unix
    }

    private mutating func adopt(_ status: UserStatus, at now: Instant) {
        let id = directory.intern(status.username)
        roster[id].description = status.description
        roster[id].cause = status.cause
        roster[id].since = status.since
        roster[id].updated = status.updated
        roster[id].seq = status.seq
        clock.learn(status.updated)
        let epoch = broker.epoch - (broker.isSettled ? 0 : 1)
        let online = Set(status.devices.map(\.name))
        for index in roster[id].devices.indices
        where roster[id, index].shown != nil
            && !online.contains(roster[id, index].name)
        {
            // It had gone since the store knew of it; what its topic says is heard as if it were new.
            let name = roster[id, index].name
            let number = roster[id, index].number
            roster[id, index] = Device(name, epoch: epoch, at: now)
            roster[id, index].number = number
            ledger.devices.insert(.init(user: id, device: name))
        }
        for shown in status.devices where roster[id].index(of: shown.name) == nil {
            let record = DeviceRecord(
                user: id,
                name: shown.name,
                status: shown.status,
                epoch: epoch,
                heard: status.since ?? clock.second(at: now)
            )
            roster.append(Device(restoring: record), to: id)
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
        // One that has not told its uptime yet may have started a moment ago.
        if limits.watchesBrokerRestart, broker.watch.started != nil, !broker.watch.hasHeard {
            awaitUptime(at: now)
        }
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
