import Presence

/// What readings find on device topics, and what they do not find.
extension DeviceRoster {
    /// What a reading found on a device topic.
    mutating func find(
        _ found: Statement,
        _ report: Report,
        isOwn: Bool,
        hasStatus: Bool,
        in reading: ReadingID,
        _ names: inout some Naming
    ) {
        let key = DeviceKey(report.user, report.device)
        if isOwn {
            corrections.confirm(key)
            if !known.hasReadOnce, found.status.isOnline {
                // The process that wrote it may have died before it put right what it wrote over.
                ask(report.user, report.device)
            }
        } else if corrections.outrun(reading, key) {
            // What was there before; what the device has said since comes by the other way. But all of
            // it comes in the order in which it was written: the device spoke after what is doubted.
            if let (id, index) = place(of: report, names), table[id, index].doubtEnds != nil,
                table[id, index].matches(found)
            {
                endDoubt(id, index)
            }
            return
        }
        if !isOwn { settleDeferred(before: report, &names) }
        guard let (id, index) = place(of: report, names) else {
            findUnknown(found, report, isOwn: isOwn, hasStatus: hasStatus, in: reading, &names)
            return
        }
        table[id, index].reading = reading
        table[id, index].isFoundOwn = isOwn
        let device = table[id, index]
        var report = report
        report.isProven = known.isProven(found, session: device.statement.session, isOwn: isOwn)
        if device.matches(found), !(report.isProven && device.isAwaited(by: found)) {
            table[id, index].confirmVerdict()
            // What was unproven is not on the topic any more.
            if !isOwn { table[id, index].dropUnproven() }
            if report.isProven, device.shown != nil { trust(id, index) }
            if !isOwn, device.doubtEnds != nil { endDoubt(id, index) }
            if known.full == reading, device.shown == nil || !isDoubtful(device) {
                table[id, index].restartTTL(at: now)
                schedule(id, index)
            }
        } else if isDoubtful(device), !report.isProven {
            table[id, index].hold(found)
            if table[id, index].isHeld, device.unproven != found {
                ask(report.user, report.device)
            }
        } else if device.shown != nil, device.isStale(found) {
            putBack(id, index, names)
            doubt(id, index, names)
        } else if known.hasReadOnce, isOwn || device.wasOverruled(found) {
            putBack(id, index, names)
        } else {
            findNews(found, report, in: reading, &names)
        }
    }

    private mutating func findUnknown(
        _ found: Statement,
        _ report: Report,
        isOwn: Bool,
        hasStatus: Bool,
        in reading: ReadingID,
        _ names: inout some Naming
    ) {
        var report = report
        report.isProven = known.isProven(found, session: nil, isOwn: isOwn)
        if hasStatus, isDoubtful(nil), !report.isProven, found.status.isOnline,
            let id = names.id(of: report.user)
        {
            var device = Device(report.device, epoch: known.epoch - 1, at: now)
            device.hold(found)
            device.reading = reading
            table.append(device, to: id)
            ask(report.user, report.device)
            return
        }
        if found.status.isOnline {
            findNews(found, report, in: reading, &names)
        } else {
            report.reading = reading
            hear(found, report, &names)
        }
        if let (id, index) = place(of: report, names) { table[id, index].reading = reading }
    }

    /// What was found says something else than was known.
    private mutating func findNews(
        _ found: Statement,
        _ report: Report,
        in reading: ReadingID,
        _ names: inout some Naming
    ) {
        outcomes.append(.mended)
        if reading == known.full { outcomes.append(.news) }
        // Also where it came by the lasting subscription.
        var report = report
        report.reading = reading
        hear(found, report, &names)
    }

    /// What a device is known to have said was said since the restart of the broker.
    mutating func trust(_ id: UserID, _ index: Int) {
        let before = table[id, index].noted
        table[id, index].dropUnproven()
        table[id, index].isTakenAtWord = true
        table[id, index].epoch = known.epoch
        table[id, index].restartTTL(at: now)
        noteChange(id, index, since: before)
    }

    // MARK: - What is missing

    /// The devices of some users whose topic should be there and was not found.
    func missing(
        of users: some Sequence<UserID>,
        in reading: ReadingID,
        _ known: Evidence
    ) -> [DeviceEntry] {
        var missing: [DeviceEntry] = []
        for id in users where !table[id].isEmpty {
            // After a restart of the broker a topic may be missing that was there.
            for device in table[id]
            where !known.isDoubtful(epoch: device.epoch) && device.reading < reading
                && !device.isForgetting
            {
                missing.append(DeviceEntry(user: id, device: device.name))
            }
        }
        return missing
    }

    /// Whether a device's topic should be there and was not found.
    func isMissing(_ entry: DeviceEntry, in reading: ReadingID) -> Bool {
        guard let index = table.index(of: entry.device, of: entry.user) else { return false }
        let device = table[entry.user, index]
        return device.reading < reading && !device.isForgetting
    }

    /// A topic is missing that was asked for alone.
    mutating func takeForGone(_ entry: DeviceEntry, _ names: inout some Naming) {
        // What is deferred came before the topic was emptied, or is still to be written there.
        let user = names[entry.user]
        if deferred.held(user, entry.device)?.isRetained == false { return }
        _ = release(user, entry.device, &names)
        outcomes.append(.mended)
        // Its word may have been cleared by a process that is no more, which thought of the
        // word before: then it is asked in time for its grace.
        ask(user, entry.device)
        empty(entry.user, entry.device, isLive: false, names)
    }
}

/// What the retained status of a user says of its devices.
extension DeviceRoster {
    /// Takes in which devices were online, by a status that is newer than what the store knew.
    mutating func adopt(_ status: UserStatus, of id: UserID) {
        let epoch = known.epoch - (known.isSettled ? 0 : 1)
        let online = Set(status.devices.map(\.name))
        for index in table[id].indices {
            let device = table[id, index]
            guard device.shown != nil, !online.contains(device.name) else { continue }
            // It had gone since the store knew of it; what its topic says is heard as if it were new.
            table[id, index] = Device(device.name, epoch: epoch, at: now)
            table[id, index].number = device.number
            outcomes.append(.hides(id, device.name, nil))
            outcomes.append(.stored(DeviceEntry(user: id, device: device.name)))
        }
        for shown in status.devices where table.index(of: shown.name, of: id) == nil {
            let record = DeviceRecord(
                user: id,
                name: shown.name,
                status: shown.status,
                epoch: epoch,
                heard: status.since ?? second()
            )
            table.append(Device(restoring: record), to: id)
            outcomes.append(.shows(id, shown.name, shown.status))
            outcomes.append(.stored(DeviceEntry(user: id, device: shown.name)))
        }
    }
}
