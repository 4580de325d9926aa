import Presence

/// The readings of retained topics that are under way.
struct Readings: Sendable {
    /// What a reading is for.
    enum Purpose: Sendable {
        /// Everything, at a connection.
        case connection
        /// All device topics, since some may have been missed.
        case everyDevice
        /// The device topics of some users, by the audit.
        case slice([UserID])
        /// Single topics that were missing from a reading before, asked for so often.
        case confirmation([Ledger.DeviceEntry], round: Int)
    }

    /// A reading that is under way.
    private struct Open {
        let purpose: Purpose
        /// Whether the broker has dropped something of it.
        var isCut = false
    }

    /// The reading that this connection began with.
    private(set) var atConnection: ReadingID = 0
    /// The reading that was begun last.
    private(set) var last: ReadingID = 0
    private var open: [ReadingID: Open] = [:]
    /// The reading that the lasting subscription takes part in: what comes may be old.
    private(set) var full: ReadingID?
    /// Whether the broker has dropped messages, some of them perhaps births of users who are not
    /// known, whom the audit does not come by.
    var isFullDue = false
    /// Until when a birth that the broker has dropped may not have been found yet, in milliseconds of
    /// uptime.
    private(set) var missedUntil: Int64 = 0
    /// Whether the bridge stalled while everything was being read.
    var isAgainDue = false
    /// When everything was read last in the midst of a connection, in milliseconds of uptime.
    private(set) var lastFull: Int64?
    /// Whether everything is to be read once more.
    var again = Rereading()
    /// Whether a connection was read to its end since this process started.
    var hasReadOnce = false
    /// The users whose retained status was found as it should be.
    var soundStatuses = BitSet()

    /// Begins a reading.
    mutating func begin(_ purpose: Purpose, at now: Instant) -> ReadingID {
        last += 1
        open[last] = Open(purpose: purpose)
        switch purpose {
        case .connection:
            full = last
            again.begin(last, isAtConnection: true, at: now)
            atConnection = last
            isFullDue = false
        case .everyDevice:
            full = last
            isFullDue = false
            again.begin(last, isAtConnection: false, at: now)
            lastFull = now.uptime
        case .slice, .confirmation: break
        }
        return last
    }

    /// Ends a reading: what it was for, and whether it was cut; `nil` if it belongs to an earlier
    /// connection.
    mutating func end(_ id: ReadingID) -> (purpose: Purpose, isCut: Bool)? {
        if full == id { full = nil }
        return open.removeValue(forKey: id).map { ($0.purpose, $0.isCut) }
    }

    /// The broker has dropped something of a reading.
    mutating func cut(_ id: ReadingID) {
        open[id]?.isCut = true
        again.cut(id)
    }

    /// The broker has dropped messages: the audit finds what they said, within its interval.
    mutating func miss(_ limits: Limits, at now: Instant) {
        isFullDue = true
        let latest = now.uptime + limits.auditInterval.milliseconds + Audit.patience
        missedUntil = max(missedUntil, latest)
    }

    /// Gives up all readings, with the connection.
    mutating func abandon() {
        open = [:]
        full = nil
        again = Rereading()
        isAgainDue = false
    }
}

extension PresenceCore {
    mutating func connect(at now: Instant, into effects: inout [Effect]) {
        connection += 1
        cursors.begin(at: now)
        if !readings.hasReadOnce { resumeHidden(at: now) }
        broker.uncertainUntil = nil
        broker.foundState = nil
        broker.foundMark = nil
        broker.mark = nil
        broker.markBefore = broker.provenMark
        broker.watch.connect()
        broker.hasRestarted = false
        readings.abandon()
        readings.soundStatuses = BitSet()
        let id = readings.begin(.connection, at: now)
        phase = .reading(id)
        effects.append(.read(id, .connection))
    }

    private mutating func resumeHidden(at now: Instant) {
        for id in 1..<max(1, roster.end) {
            for index in roster[id].devices.indices where roster[id, index].shown == nil {
                roster[id, index].resumeHidden(at: now)
                schedule(id, index)
            }
        }
    }

    mutating func disconnect() {
        phase = .away
        packets = PacketLimit()
        tooLong = TooLong()
        readings.abandon()
        audit.abandon()
        // What was held back is read again as a whole; requests are asked again.
        statements.forgetHeld()
        strays.removeAll()
        turn = Turn()
    }

    mutating func readEverything(at now: Instant, into effects: inout [Effect]) {
        guard phase == .serving, readings.full == nil else {
            readings.isAgainDue = true
            return
        }
        if readings.again.round == 0 {
            effects.append(
                .log(.notice, "reading all device topics again: some may have been missed")
            )
        }
        effects.append(.read(readings.begin(.everyDevice, at: now), .everyDevice))
    }

    /// A reading has ended: what was missing is asked for alone, and what is missing then is gone.
    mutating func endReading(_ id: ReadingID, at now: Instant, into effects: inout [Effect]) {
        guard let (purpose, isCut) = readings.end(id) else { return }
        var missing: [Ledger.DeviceEntry] = []
        var round = 1
        switch purpose {
        case .connection: missing = missingDevices(Array(1..<roster.end), from: id)
        case .everyDevice:
            missing = missingDevices(Array(1..<roster.end), from: id)
            doubtContradicted(at: now)
        case .slice(let users): missing = missingDevices(users, from: id)
        case .confirmation(let entries, let rounds):
            let absent = entries.filter { isMissing($0, from: id) }
            if absent.count < entries.count { readings.again.lack(id) }
            if isCut {
                // What the broker has dropped may be there: it is asked for again. After that it stays
                // as it is known, and the audit comes by.
                (missing, round) = (rounds < Rereading.most ? absent : [], rounds + 1)
            } else {
                for entry in absent { takeForGone(entry, at: now) }
            }
        }
        if missing.isEmpty {
            if phase == .reading(id) { beginServing(at: now) }
            if case .everyDevice = purpose { askSuspectsAgain(at: now) }
            if case .reading = phase { return }
            audit.endReading(id)
            let pause = readings.again.pause(after: id, at: now)
            if readings.isAgainDue || pause == 0, readings.full == nil {
                readings.isAgainDue = false
                readEverything(at: now, into: &effects)
            } else if let pause {
                alarms.set(.rereading, at: now.uptime + pause)
            }
            return
        }
        let confirmation = readings.begin(.confirmation(missing, round: round), at: now)
        if phase == .reading(id) { phase = .reading(confirmation) }
        audit.goOn(from: id, to: confirmation)
        readings.again.goOn(from: id, to: confirmation)
        let keys = missing.map { DeviceKey(directory[$0.user], $0.device) }
        effects.append(.read(confirmation, .devices(keys)))
    }

    /// A topic is missing that was asked for alone.
    private mutating func takeForGone(_ entry: Ledger.DeviceEntry, at now: Instant) {
        // What waits came before the topic was emptied, or is still to be written there.
        let user = directory[entry.user]
        if statements.held(user, entry.device)?.isRetained == false { return }
        releaseHeld(user, entry.device, at: now)
        countMended()
        // Its word may have been cleared by a process that is no more, which thought of the
        // word before: then it is asked in time for its grace.
        turn.replies.append(announcement(user, entry.device))
        empty(entry.user, entry.device, isLive: false, at: now)
    }

    /// The devices whose topic should be there and was not found.
    private func missingDevices(
        _ users: [UserID],
        from reading: ReadingID
    ) -> [Ledger.DeviceEntry] {
        var missing: [Ledger.DeviceEntry] = []
        for id in users where !roster[id].devices.isEmpty {
            // After a restart of the broker a topic may be missing that was there.
            for device in roster[id].devices where !isDoubtful(device) {
                let entry = Ledger.DeviceEntry(user: id, device: device.name)
                if isMissing(entry, from: reading) { missing.append(entry) }
            }
        }
        return missing
    }

    private func isMissing(_ entry: Ledger.DeviceEntry, from reading: ReadingID) -> Bool {
        let user = roster[entry.user]
        guard let index = user.index(of: entry.device), directory.name(of: entry.user) != nil
        else { return false }
        let device = user.devices[index]
        return device.reading < reading && device.departure?.forgets != true
    }
}
