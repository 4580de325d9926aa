import OrderedCollections
import Presence

/// What readings find on device topics, and what they do not find.
extension Devices {
    mutating func find(
        _ found: Statement,
        _ report: Report,
        isOwn: Bool,
        hasStatus: Bool,
        in reading: ReadingID,
        _ names: inout Names
    ) {
        let key = DeviceKey(report.user, report.device)
        if isOwn {
            corrections.confirm(key)
            if !known.hasReadOnce, found.status.isOnline {
                // The process that wrote it may have died before it put right what it wrote over.
                ask(report.user, report.device)
            }
        } else if report.reading != nil, corrections.isPending(key) {
            // It is older than the word that is about to be written there, which the broker was not
            // asked to keep.
            return
        } else if corrections.outrun(reading, key) {
            // The reading passed by before the bridge wrote: what it found is older, and what the device
            // has said since comes by the lasting subscription. But a device that is in doubt has spoken
            // since, as what was written first comes first.
            if let (id, index) = place(of: report, names), table[id, index].doubtEnds != nil,
                table[id, index].matches(found)
            {
                endDoubt(id, index)
            }
            return
        }
        if !isOwn { resolveDeferred(before: report, &names) }
        guard let (id, index) = place(of: report, names) else {
            // A process that has read everything knows each device of which it has written a word.
            if isOwn, known.hasReadOnce { return clearFound(report) }
            if !isOwn, !isDoubtful(nil), operatorWords.overrules(found, at: key) {
                return clear(report.user, report.device)
            }
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
            operatorWords.confirm(key)
            if isOwn { table[id, index].learnVerdict(found.cause) }
            // What was unproven is not on the topic any more, unless it is the statement that was found.
            if !isOwn, device.unproven != device.statement { table[id, index].unproven = nil }
            if report.isProven, device.shown != nil { trust(id, index) }
            if !isOwn, device.doubtEnds != nil { endDoubt(id, index) }
            if known.full == reading, device.shown == nil || !isDoubtful(device) {
                table[id, index].restartTTL(at: now)
                schedule(id, index)
            }
        } else if isDoubtful(device), !report.isProven {
            table[id, index].unproven = found
            if table[id, index].awaitsProof, device.unproven != found {
                ask(report.user, report.device)
            }
        } else if device.shown != nil, device.isStale(found) {
            putBack(id, index, names)
            doubt(id, index, names)
        } else if known.hasReadOnce,
            isOwn || device.wasOverruled(found) || operatorWords.overrules(found, at: key)
        {
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
        _ names: inout Names
    ) {
        var report = report
        report.isProven = known.isProven(found, session: nil, isOwn: isOwn)
        if hasStatus, isDoubtful(nil), !report.isProven, found.status.isOnline,
            let id = names.id(of: report.user)
        {
            var device = Device(report.device, epoch: known.epoch - 1, at: now)
            device.unproven = found
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

    private mutating func findNews(
        _ found: Statement,
        _ report: Report,
        in reading: ReadingID,
        _ names: inout Names
    ) {
        outcomes.append(.device(.mended))
        if reading == known.full { outcomes.append(.news) }
        // Also where it came by the lasting subscription.
        var report = report
        report.reading = reading
        hear(found, report, &names)
    }

    /// What a device is known to have said was said since the restart of the broker.
    mutating func trust(_ id: UserID, _ index: Int) {
        let before = table[id, index].noted
        table[id, index].unproven = nil
        table[id, index].isTakenAtWord = true
        table[id, index].epoch = known.epoch
        table[id, index].restartTTL(at: now)
        noteChange(id, index, since: before)
    }

    // MARK: - What is missing

    /// The devices of some users whose topic should be there and was not found.
    func missing(of users: some Sequence<UserID>, in reading: ReadingID) -> [DeviceRecord.Key] {
        var missing: [DeviceRecord.Key] = []
        for id in users {
            // After a restart of the broker a topic may be missing that was there.
            for device in table[id] where !isDoubtful(device) && device.isMissing(in: reading) {
                missing.append(DeviceRecord.Key(user: id, name: device.name))
            }
        }
        return missing
    }

    /// Which of some topics a reading has not found either, which another had not found.
    func missing(
        among keys: some Sequence<DeviceRecord.Key>,
        in reading: ReadingID
    ) -> [DeviceRecord.Key] {
        keys.filter { key in
            table.index(of: key.name, of: key.user)
                .map { table[key.user, $0].isMissing(in: reading) } ?? false
        }
    }

    /// Which of some topics have not been found or heard since a reading began, each once.
    func unread(
        _ keys: some Sequence<DeviceKey>,
        since reading: ReadingID,
        _ names: Names
    ) -> [DeviceKey] {
        let unread = keys.filter { key in
            guard let id = names.id(of: key.user), let index = table.index(of: key.device, of: id)
            else { return true }
            return table[id, index].isMissing(in: reading)
        }
        return Array(OrderedSet(unread))
    }

    /// Topics that were missing were asked for alone, and are empty.
    mutating func takeForGone(_ keys: [DeviceRecord.Key], _ names: inout Names) {
        for key in keys { takeForGone(key, &names) }
    }

    private mutating func takeForGone(_ key: DeviceRecord.Key, _ names: inout Names) {
        // What is deferred came before the topic was emptied, or is still to be written there.
        let user = names[key.user]
        if rates.deferred(user, key.name)?.isRetained == false { return }
        if operatorWords.overrulesNothing(at: DeviceKey(user, key.name)),
            let index = table.index(of: key.name, of: key.user)
        {
            return putBack(key.user, index, names)
        }
        _ = release(user, key.name, &names)
        outcomes.append(.device(.mended))
        // Its word may have been cleared by a process that is no more, which thought of the
        // word before: then it is asked in time for its grace.
        ask(user, key.name)
        empty(key.user, key.name, isLive: false, names)
    }
}

/// What the retained status of a user says of its devices.
extension Devices {
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
            outcomes.append(.device(.hides(id, device.name, nil)))
            outcomes.append(.device(.stored(DeviceRecord.Key(user: id, name: device.name))))
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
            outcomes.append(.device(.shows(id, shown.name, shown.status)))
            outcomes.append(.device(.stored(DeviceRecord.Key(user: id, name: shown.name))))
        }
    }
}
