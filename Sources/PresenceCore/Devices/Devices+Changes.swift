import Presence

/// What becomes of a device that is known.
extension Devices {
    /// How many seconds what is stored of a device's last statement may lag behind: a device that
    /// repeats itself every few seconds must not cost a write each time.
    private static let staleness: Int64 = 600

    /// What is found on a device's topic may be a copy from before the restart of the broker.
    func isDoubtful(_ device: Device?) -> Bool { known.isDoubtful(epoch: device?.epoch ?? 0) }

    // MARK: - What is written

    mutating func ask(_ user: Name, _ device: Name) {
        outcomes.append(
            .reply(Reply(topic: topics.response(user, device), payload: Answer.announce))
        )
    }

    mutating func clear(_ user: Name, _ device: Name) {
        corrections.prepare(DeviceKey(user, device))
        outcomes.append(.write(.clear(.device(user, device))))
    }

    /// Writes the device's last statement to its topic, or clears that if it is to be forgotten.
    mutating func putBack(_ id: UserID, _ index: Int, _ names: Names) {
        let device = table[id, index]
        let user = names[id]
        // What is deferred was on the topic, and is to be written again when it takes effect.
        rates.change(user, device.name) { $0.isRetained = false }
        guard let payload = payload(of: device) else { return clear(user, device.name) }
        corrections.prepare(DeviceKey(user, device.name))
        outcomes.append(.write(.retain(.device(user, device.name), payload)))
    }

    /// What the bridge writes to the topic of a device that is known; `nil` where that is to be empty.
    private func payload(of device: Device) -> [UInt8]? {
        guard !device.isForgetting else { return nil }
        var statement = device.statement
        // A verdict is the bridge's, and of no connection.
        if statement.cause != nil { statement.session = nil }
        statement.ttl = statement.writtenTTL
        statement.by = bridgeID
        return statement.payload
    }

    /// Whether a payload that was to be written to a device's topic, or `nil` to empty it, is not what
    /// belongs there any more: the device has spoken since, and what it said is on the topic, or is to
    /// be written by itself.
    func isOvertaken(_ payload: [UInt8]?, of user: Name, _ device: Name, _ names: Names) -> Bool {
        guard let id = names.id(of: user), let index = table.index(of: device, of: id)
        else { return payload != nil }
        return self.payload(of: table[id, index]) != payload
    }

    // MARK: - What changes

    /// Notes what the store must learn of a device, and when to look at it again.
    mutating func noteChange(_ id: UserID, _ index: Int, since before: Device.Noted) {
        if limits.tellsGraces { noteGrace(id, index, since: before.grace) }
        let forgetAfter = limits.deviceForgetAfter
        let (isStored, wake) = table.change(id, index) { device in
            let isStored = device.takeChange(since: before, staleness: Self.staleness)
            return (isStored, device.setWake(forgetAfter: forgetAfter))
        }
        if isStored {
            outcomes.append(
                .device(.stored(DeviceRecord.Key(user: id, name: table[id, index].name)))
            )
        }
        if let wake {
            outcomes.append(.device(.alarm(.device(id, table[id, index].number), at: wake)))
        }
    }

    mutating func schedule(_ id: UserID, _ index: Int) {
        if let wake = table[id, index].setWake(forgetAfter: limits.deviceForgetAfter) {
            outcomes.append(.device(.alarm(.device(id, table[id, index].number), at: wake)))
        }
    }

    /// Sets the alarm for what comes due next of a device, of many in one go.
    mutating func schedule(_ id: UserID, _ index: Int, _ alarms: inout Alarms) {
        if let wake = table[id, index].setWake(forgetAfter: limits.deviceForgetAfter) {
            alarms.set(.device(id, table[id, index].number), at: wake)
        }
    }

    /// A device counts as gone; with a verdict the bridge says so on its topic, too.
    mutating func hide(
        _ id: UserID,
        _ index: Int,
        _ departure: Departure? = nil,
        verdict: Statement? = nil,
        _ names: Names
    ) {
        let before = table[id, index].noted
        let wasUnproven = table[id, index].unproven != nil
        if before.shown != nil {
            outcomes.append(.device(.hides(id, table[id, index].name, departure)))
        }
        table[id, index].hide(verdict: verdict, at: now)
        noteChange(id, index, since: before)
        if verdict != nil { putBack(id, index, names) }
        if departure?.forgets == true {
            // The topic is empty, unless the broker came back with an older copy of it.
            forget(id, index, clears: wasUnproven, names)
        } else {
            trimHidden(id, names)
        }
    }

    /// Of the devices that are not online, as many are remembered as may be online: those that went
    /// last.
    mutating func trimHidden(_ id: UserID, _ names: Names) {
        guard table[id].count > limits.maxDevices else { return }
        let hidden = table[id].filter { $0.shown == nil }
        guard hidden.count > limits.maxDevices else { return }
        let oldest = hidden.sorted {
            ($0.hiddenSince ?? 0, $0.name) < ($1.hiddenSince ?? 0, $1.name)
        }
        for device in oldest.prefix(hidden.count - limits.maxDevices) {
            if let index = table.index(of: device.name, of: id) {
                forget(id, index, clears: true, names)
            }
        }
    }

    /// Drops a device from memory, and its topic, if that is not empty already.
    mutating func forget(_ id: UserID, _ index: Int, clears: Bool, _ names: Names) {
        let name = table[id, index].name
        table.remove(id, index)
        outcomes.append(.device(.stored(DeviceRecord.Key(user: id, name: name))))
        if clears {
            // What is deferred was on the topic, and is to be written again when it takes effect.
            rates.change(names[id], name) { $0.isRetained = false }
            clear(names[id], name)
        }
        outcomes.append(.device(.released(id)))
    }

    // MARK: - What is doubted

    /// Asks a device that counts as online whether it is there.
    ///
    /// Its topic has the will of another connection than the known one, and messages may have been
    /// missed. It is the will of an older connection, which means nothing, or of a newer one whose
    /// birth the broker did not deliver, which means that the device is gone. So the last statement
    /// is put back, and the device asked to announce itself; if it keeps silent it is lost. Until it
    /// has spoken the device has an epoch that is over, in the store, too: a bridge that comes after
    /// asks again.
    mutating func doubt(_ id: UserID, _ index: Int, _ names: Names) {
        guard table[id, index].shown != nil else { return }
        if table[id, index].doubtEnds == nil { ask(names[id], table[id, index].name) }
        let before = table[id, index].noted
        table[id, index].doubt(until: now.uptime + doubtGrace)
        table[id, index].epoch = min(before.epoch, known.epoch - 1)
        noteChange(id, index, since: before)
    }

    /// For how long a device in doubt may keep silent, in milliseconds.
    private var doubtGrace: Int64 {
        max(limits.brokerRestartGrace, limits.offlineGrace).milliseconds
    }

    /// What a device has said itself was found on its topic: it is there.
    mutating func endDoubt(_ id: UserID, _ index: Int) {
        let before = table[id, index].noted
        table[id, index].endDoubt()
        table[id, index].epoch = known.epoch
        noteChange(id, index, since: before)
    }

    /// Messages were missed: the wills that were taken for those of older connections may have been
    /// of newer ones.
    mutating func doubtContradicted(_ names: Names) {
        for id in table.all {
            for index in table[id].indices where table[id, index].isContradicted {
                doubt(id, index, names)
            }
        }
    }

    /// Asks those again who were in doubt when the last connection ended, or the process before this one.
    ///
    /// What asked them may have been lost with it. Each has half of the grace at least.
    mutating func resumeDoubts(_ names: Names) {
        guard known.isSettled else { return }
        for id in table.all {
            for index in table[id].indices where table[id, index].epoch < known.epoch {
                guard table[id, index].doubtEnds != nil else {
                    doubt(id, index, names)
                    continue
                }
                ask(names[id], table[id, index].name)
                table[id, index].prolongDoubt(until: now.uptime + doubtGrace / 2)
                schedule(id, index)
            }
        }
    }

    // MARK: - Time

    mutating func passAlarm(
        _ id: UserID,
        _ number: DeviceNumber,
        _ alarm: Int64,
        _ names: inout Names
    ) {
        guard let index = table.index(of: number, of: id), table[id, index].wake == alarm else {
            return
        }
        table[id, index].wake = nil
        let name = table[id, index].name
        if known.isUncertain, mayBeRestart(table[id, index]) {
            postponed.insert(DeviceRecord.Key(user: id, name: name))
            return
        }
        // What is deferred has come: nothing ends over its head. While everything is read it waits
        // on, since what is on the topics is known soon, and is not to be overwritten before.
        let due = table[id, index].nextDue(forgetAfter: limits.deviceForgetAfter)
        let isDue = due.map { $0 <= now.uptime } ?? false
        if isDue, known.full != nil, rates.deferred(names[id], name) != nil {
            table[id, index].wake = now.uptime + 1_000
            outcomes.append(.device(.alarm(.device(id, number), at: now.uptime + 1_000)))
            return
        }
        if isDue, release(names[id], name, &names) {
            // It was looked at anew with what it said.
            if let index = table.index(of: name, of: id) { schedule(id, index) }
            return
        }
        switch table[id, index].pass(limits: settings.limits, at: now) {
        case .nothing: schedule(id, index)
        case .gone(let departure) where departure.cause == .ttl:
            // What it said in time may have been dropped by the broker, and is overwritten now.
            if known.mayHaveMissed { ask(names[id], name) }
            hide(id, index, departure, verdict: Statement(.lost, cause: .ttl), names)
        case .silent(let departure):
            hide(id, index, departure, verdict: Statement(.lost, cause: .lost), names)
        case .gone(let departure): hide(id, index, departure, names)
        case .lapsed: hide(id, index, verdict: Statement(.lost, cause: .ttl), names)
        case .forgotten: forget(id, index, clears: true, names)
        }
    }

    /// Whether a device may only be on its way out because the broker was restarted: what was found
    /// may be old, and a broker that is stopped sends every will.
    private func mayBeRestart(_ device: Device) -> Bool {
        guard let departure = device.departure else { return false }
        return departure.isFound
            || (departure.cause == .lost && device.connection != known.connection)
    }

    /// It is known whether the broker has restarted: what was found on topics counts, or not.
    mutating func becomeCertain() {
        for key in postponed.sorted() {
            guard let index = table.index(of: key.name, of: key.user) else { continue }
            schedule(key.user, index)
        }
        postponed = []
    }
}
