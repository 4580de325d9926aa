import Presence

extension PresenceCore {
    /// How many seconds what is stored of a device's last statement may lag behind: a device that
    /// repeats itself every few seconds must not cost a write each time.
    private static let staleness: Int64 = 600

    /// Remembers what was visible of a user before it changes, once a turn.
    mutating func touch(_ id: UserID) {
        guard !touched.contains(id) else { return }
        touched[id] = Touch(before: roster[id].visible)
        touchOrder.append(id)
    }

    /// Remembers what was visible of a user before one of the devices changed its word, once a turn.
    mutating func touch(_ id: UserID, _ index: Int, shown: StatusWord?) {
        guard !touched.contains(id) else { return }
        var before = roster[id].visible
        before.show(shown, of: roster[id, index].name)
        touched[id] = Touch(before: before)
        touchOrder.append(id)
    }

    /// Notes what the store must learn of a device, and when to look at it again.
    mutating func noteChange(_ id: UserID, _ index: Int, since before: Device.Noted) {
        if roster[id, index].takeChange(since: before, staleness: Self.staleness) {
            ledger.devices.insert(.init(user: id, device: roster[id, index].name))
        }
        schedule(id, index)
    }

    /// Sets the alarm for what comes due next of a device.
    mutating func schedule(_ id: UserID, _ index: Int) {
        if let wake = roster[id, index].setWake(forgetAfter: limits.deviceForgetAfter) {
            alarms.set(.device(id, roster[id, index].number), at: wake)
        }
    }

    /// Sets the alarm for what comes due next of a user.
    mutating func schedule(_ id: UserID) {
        var due = roster[id].descriptionExpires.map { $0 * 1_000 }
        if let forget = forgetTime(id) { due = min(due ?? forget, forget) }
        guard let due, roster[id].wake ?? .max > due else { return }
        calendar.set(.user(id), at: due)
        roster[id].wake = due
    }

    private func forgetTime(_ id: UserID) -> Int64? {
        guard let updated = roster[id].updated, !roster[id].isOnline, limits.forgetAfter > .zero
        else { return nil }
        return updated * 1_000 + limits.forgetAfter.milliseconds
    }

    /// A device's alarm went off.
    mutating func lookAtDevice(
        _ id: UserID,
        _ number: DeviceNumber,
        alarm: Int64,
        at now: Instant
    ) {
        guard directory.name(of: id) != nil, let index = roster[id].index(of: number),
            roster[id, index].wake == alarm
        else { return }
        roster[id, index].wake = nil
        let name = roster[id, index].name
        if broker.uncertainUntil != nil, mayBeRestart(roster[id, index]) {
            broker.postponed.insert(.init(user: id, device: name))
            return
        }
        // What waits has come: nothing ends over its head. While everything is read it waits on, since
        // what is on the topics is known soon, and is not to be overwritten before.
        let isDue = roster[id, index].isDue(limits: limits, at: now)
        if isDue, readings.full != nil, statements.held(directory[id], name) != nil {
            roster[id, index].wake = now.uptime + 1_000
            alarms.set(.device(id, number), at: now.uptime + 1_000)
            return
        }
        if isDue, releaseHeld(directory[id], name, at: now) {
            // It was looked at anew with what it said.
            if let index = roster[id].index(of: name) { schedule(id, index) }
            return
        }
        switch roster[id, index].pass(limits: limits, at: now) {
        case .nothing:
            schedule(id, index)
        case .gone(let departure) where departure.cause == .ttl:
            // What it said in time may have been dropped by the broker, and is overwritten now.
            if now.uptime < readings.missedUntil { askLost(id, index) }
            hide(id, index, departure, verdict: Statement(.lost, cause: .ttl), at: now)
        case .silent(let departure):
            hide(id, index, departure, verdict: Statement(.lost, cause: .lost), at: now)
        case .gone(let departure):
            hide(id, index, departure, at: now)
        case .lapsed:
            hide(id, index, verdict: Statement(.lost, cause: .ttl), at: now)
        case .forgotten:
            forget(id, index, clears: true)
        }
    }

    /// Whether a device may only be on its way out because the broker was restarted: what was found
    /// may be old, and a broker that is stopped sends every will.
    private func mayBeRestart(_ device: Device) -> Bool {
        guard let departure = device.departure else { return false }
        return departure.isFound
            || (departure.cause == .lost && device.connection != connection)
    }

    /// A user's alarm went off.
    mutating func lookAtUser(_ id: UserID, alarm: Int64, at now: Instant) {
        guard directory.name(of: id) != nil, roster[id].wake == alarm else { return }
        roster[id].wake = nil
        if let expires = roster[id].descriptionExpires, expires * 1_000 <= now.unix {
            touch(id)
            roster[id].description = ""
            roster[id].descriptionExpires = nil
            ledger.users.insert(id)
        }
        // Of a user who changes in this turn the times are sealed at its end.
        guard !touched.contains(id) else { return }
        if let time = forgetTime(id), time <= now.unix {
            forget(id)
        } else {
            schedule(id)
        }
    }

    /// A device counts as gone; with a verdict the bridge says so on its topic, too.
    mutating func hide(
        _ id: UserID,
        _ index: Int,
        _ departure: Departure? = nil,
        verdict: Statement? = nil,
        at now: Instant
    ) {
        let before = roster[id, index].noted
        let wasHeld = roster[id, index].held != nil
        if before.shown != nil { touch(id) }
        if let departure { touched[id]?.departure = departure }
        roster[id, index].hide(verdict: verdict, at: now)
        noteChange(id, index, since: before)
        if verdict != nil { putBack(id, index) }
        if departure?.forgets == true {
            // The topic is empty, unless the broker came back with an older copy of it.
            forget(id, index, clears: wasHeld)
        } else {
            trimHidden(id)
        }
    }

    /// Of the devices that are not online, as many are remembered as may be online.
    mutating func trimHidden(_ id: UserID) {
        guard roster[id].devices.count > limits.maxDevices else { return }
        let hidden = roster[id].devices.indices.filter { roster[id, $0].shown == nil }
        guard hidden.count > limits.maxDevices else { return }
        let oldest = hidden.min {
            let (left, right) = (roster[id, $0], roster[id, $1])
            return (left.hiddenSince ?? 0, left.name) < (right.hiddenSince ?? 0, right.name)
        }
        if let oldest { forget(id, oldest, clears: true) }
    }

    /// Drops a device from memory, and its topic, if that is not empty already.
    mutating func forget(_ id: UserID, _ index: Int, clears: Bool) {
        let name = roster[id, index].name
        roster[id].devices.remove(at: index)
        ledger.devices.insert(.init(user: id, device: name))
        if clears {
            // What is held was on the topic, and is to be written again when it takes effect.
            statements.changeHeld(directory[id], name) { $0.isRetained = false }
            turn.writes.append(.clear(.device(directory[id], name)))
        }
        candidates.insert(id)
    }

    /// Drops a user's status.
    private mutating func forget(_ id: UserID) {
        let devices = roster[id].devices
        roster[id] = User(devices: devices)
        ledger.users.insert(id)
        turn.writes.append(.clear(.status(directory[id])))
        candidates.insert(id)
    }

    /// Gives every user who looks different than before its new times and number.
    mutating func seal(at now: Instant) {
        for id in touchOrder {
            seal(id, isRequested: false, at: now)
        }
        touchOrder.removeAll(keepingCapacity: true)
    }

    /// Gives a user who looks different than before its new times and number.
    mutating func seal(_ id: UserID, isRequested: Bool, at now: Instant) {
        guard let touch = touched[id] else { return }
        touched[id] = nil
        let after = roster[id].visible
        guard after != touch.before else {
            candidates.insert(id)
            schedule(id)
            return
        }
        roster[id].change(
            from: touch,
            isOnline: !after.devices.isEmpty,
            second: clock.second(at: now),
            at: now
        )
        ledger.users.insert(id)
        schedule(id)
        turn.tell(.init(user: id, isRequested: isRequested))
    }

    /// What is stored of a user; `nil` if nothing is.
    func userRecord(_ id: UserID) -> UserRecord? {
        guard let name = directory.name(of: id) else { return nil }
        guard roster[id].isKnown || watching.refers(to: id) else { return nil }
        let user = roster[id]
        return UserRecord(
            id: id,
            name: name,
            description: user.description,
            descriptionExpires: user.descriptionExpires,
            cause: user.cause,
            since: user.since,
            updated: user.updated,
            seq: user.seq
        )
    }

    /// What is stored of a device; `nil` if nothing is.
    func deviceRecord(_ entry: Ledger.DeviceEntry) -> DeviceRecord? {
        guard directory.name(of: entry.user) != nil,
            let index = roster[entry.user].index(of: entry.device)
        else { return nil }
        let device = roster[entry.user, index]
        guard device.isKnown else { return nil }
        return DeviceRecord(
            user: entry.user,
            name: device.name,
            status: device.shown ?? device.statement.status,
            ttl: device.statement.ttl,
            session: device.statement.session,
            epoch: device.epoch,
            heard: device.heard
        )
    }

    /// Drops the names that nothing refers to any more.
    mutating func dropNames() {
        for id in telling.takeReleased() where !watching.refers(to: id) {
            candidates.insert(id)
        }
        guard !candidates.isEmpty else { return }
        for id in candidates.sorted() where directory.name(of: id) != nil {
            guard !roster[id].isKnown, !watching.refers(to: id), !touched.contains(id),
                !telling.holds(for: id)
            else { continue }
            roster[id] = User()
            directory.remove(id)
            telling.remove(id)
            ledger.dropped.insert(id)
            ledger.users.insert(id)
        }
        candidates = []
    }
}
