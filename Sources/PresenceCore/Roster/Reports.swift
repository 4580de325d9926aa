import Presence

extension PresenceCore {
    /// Takes what a device topic says: a word of the device, or what was found there.
    mutating func receive(_ report: Report, at now: Instant) {
        guard phase != .away else { return }
        let reading = report.reading ?? readings.full
        guard !report.payload.isEmpty else {
            if report.by == bridgeID {
                echoClear(report)
            } else if reading != nil || meter(report, at: now) {
                hearNothing(report, at: now)
            }
            return
        }
        var statement: Statement
        do throws(Refusal) {
            statement = try Statement(reading: report.payload, longest: limits.maxStatement)
        } catch {
            if reading != nil || meter(report, at: now) { refuse(report, error) }
            return
        }
        let isOwn = report.by == bridgeID || statement.by == bridgeID
        statement.by = nil
        if !isOwn { statement.cause = nil }
        if let reading {
            find(statement, report, isOwn: isOwn, reading: reading, at: now)
        } else if isOwn {
            echo(statement, report)
        } else if meter(report, at: now) {
            hear(statement, report, at: now)
        }
    }

    // MARK: - Live

    /// Whether a statement may take effect now; if not, it is kept until it may.
    private mutating func meter(_ report: Report, at now: Instant) -> Bool {
        let verdict = statements.take(
            report.user,
            rate: limits.deviceRate,
            burst: limits.deviceBurst,
            at: now
        )
        guard verdict != .passes else {
            statements.drop(report.user, report.device)
            return true
        }
        counts.errors += 1
        let isFirst = statements.hold(
            report,
            of: report.user,
            report.device,
            limit: 2 * limits.maxDevices
        )
        if isFirst {
            let wait = statements.wait(report.user, rate: limits.deviceRate)
            alarms.set(.heldStatements(report.user), at: now.uptime + wait)
        }
        return false
    }

    /// The bucket may have a token for what was held back.
    mutating func releaseHeld(_ user: Name, at now: Instant) {
        while statements.holds(user) {
            let verdict = statements.take(
                user,
                rate: limits.deviceRate,
                burst: limits.deviceBurst,
                at: now
            )
            guard verdict == .passes else {
                let wait = max(1, statements.wait(user, rate: limits.deviceRate))
                alarms.set(.heldStatements(user), at: now.uptime + wait)
                return
            }
            if let report = statements.takeHeld(user) { takeEffect(report, at: now) }
        }
    }

    private mutating func takeEffect(_ report: Report, at now: Instant) {
        guard !report.payload.isEmpty else {
            hearNothing(report, at: now)
            return
        }
        do throws(Refusal) {
            var statement = try Statement(reading: report.payload, longest: limits.maxStatement)
            statement.by = nil
            statement.cause = nil
            hear(statement, report, at: now)
        } catch {
            refuse(report, error)
        }
    }

    /// The device emptied its topic, or meant to: without the retain flag the broker keeps what was
    /// there, which would bring the device back as a ghost.
    private mutating func hearNothing(_ report: Report, at now: Instant) {
        if let id = directory.id(of: report.user) {
            empty(id, report.user, report.device, isLive: true, at: now)
        }
        if report.isRetained == false {
            turn.writes.append(.clear(.device(report.user, report.device)))
        }
    }

    /// A word of the device.
    private mutating func hear(_ statement: Statement, _ report: Report, at now: Instant) {
        guard let (id, index) = admit(statement, report, at: now) else { return }
        touch(id)
        let before = roster[id].devices[index]
        let hearing = roster[id].devices[index].hear(
            statement,
            limits: limits,
            second: clock.second(at: now),
            at: now
        )
        if hearing == .stale {
            putBack(id, index)
            return
        }
        if report.reading == nil {
            roster[id].devices[index].connection = connection
            // A reading that is under way may have passed by before the topic was written.
            roster[id].devices[index].reading = readings.last
        }
        if report.reading == nil || !isDoubtful(before) {
            roster[id].devices[index].epoch = broker.epoch
        }
        noteChange(id, index, since: before)
        let isForgotten = roster[id].devices[index].departure?.forgets == true
        if report.isRetained == false || isForgotten { putBack(id, index) }
        trimHidden(id)
    }

    /// Finds or makes the device; `nil` when the statement changes nothing or is refused.
    private mutating func admit(
        _ statement: Statement,
        _ report: Report,
        at now: Instant
    ) -> (UserID, Int)? {
        let known = directory.id(of: report.user)
        let index = known.flatMap { roster[$0].index(of: report.device) }
        if let known, let index,
            !statement.status.isOnline
                || roster[known].devices[index].shown != nil
        {
            return (known, index)
        }
        if index == nil, !statement.status.isOnline, statement.status != .invisible {
            turn.writes.append(.clear(.device(report.user, report.device)))
            return nil
        }
        if statement.status.isOnline, let known,
            roster[known].onlineDevices >= limits.maxDevices
        {
            refuse(
                report,
                Refusal(
                    .tooManyDevices,
                    "\(limits.maxDevices) devices online at most; log one out first"
                )
            )
            if let index { forget(known, index, clears: false) }
            return nil
        }
        let id = directory.intern(report.user)
        if let index { return (id, index) }
        // What is found after a restart of the broker must speak like every suspect.
        let isProven = report.reading == nil || !isDoubtful(nil)
        let epoch = isProven ? broker.epoch : broker.epoch - 1
        roster[id].devices.append(Device(report.device, epoch: epoch, at: now))
        return (id, roster[id].devices.count - 1)
    }

    /// Answers what cannot be taken, and puts the topic right.
    private mutating func refuse(_ report: Report, _ refusal: Refusal) {
        counts.errors += 1
        let payload = Answer.refusal(refusal, operation: "device")
        turn.replies.append(
            Reply(topic: topics.response(report.user, report.device), payload: payload)
        )
        if refusal.code != .tooManyDevices, let id = directory.id(of: report.user),
            let index = roster[id].index(of: report.device)
        {
            if let reading = report.reading ?? readings.full {
                roster[id].devices[index].reading = reading
            }
            putBack(id, index)
        } else {
            turn.writes.append(.clear(.device(report.user, report.device)))
        }
    }

    /// The topic was emptied: a logout after which the device is no longer remembered.
    mutating func empty(
        _ id: UserID,
        _ user: Name,
        _ name: Name,
        isLive: Bool,
        at now: Instant
    ) {
        guard let index = roster[id].index(of: name) else { return }
        if !isLive, isDoubtful(roster[id].devices[index]) { return }
        touch(id)
        let before = roster[id].devices[index]
        _ = roster[id].devices[index].hearNothing(
            limits: limits,
            second: clock.second(at: now),
            at: now
        )
        if roster[id].devices[index].shown == nil {
            forget(id, index, clears: false)
        } else {
            noteChange(id, index, since: before)
        }
    }

    // MARK: - The bridge's own words

    /// What the bridge wrote comes back: it must not outlive a newer word of the device.
    private mutating func echo(_ statement: Statement, _ report: Report) {
        guard let id = directory.id(of: report.user),
            let index = roster[id].index(of: report.device)
        else {
            turn.writes.append(.clear(.device(report.user, report.device)))
            return
        }
        let device = roster[id].devices[index]
        if device.departure?.forgets == true || !device.matches(statement) {
            putBack(id, index)
        }
    }

    private mutating func echoClear(_ report: Report) {
        guard let id = directory.id(of: report.user),
            let index = roster[id].index(of: report.device),
            roster[id].devices[index].departure?.forgets != true
        else { return }
        putBack(id, index)
    }

    /// Writes the device's last statement to its topic, or clears that if it is to be forgotten.
    mutating func putBack(_ id: UserID, _ index: Int) {
        let device = roster[id].devices[index]
        guard device.departure?.forgets != true else {
            turn.writes.append(.clear(.device(directory[id], device.name)))
            return
        }
        var statement = device.statement
        // A verdict is the bridge's, and of no connection.
        if statement.cause != nil { statement.session = nil }
        statement.by = bridgeID
        turn.writes.append(.retain(.device(directory[id], device.name), statement.payload))
    }

    // MARK: - Found

    /// What a reading found on a device topic.
    private mutating func find(
        _ found: Statement,
        _ report: Report,
        isOwn: Bool,
        reading: ReadingID,
        at now: Instant
    ) {
        let id = directory.id(of: report.user)
        guard let id, let index = roster[id].index(of: report.device) else {
            findUnknown(found, report, id, reading: reading, at: now)
            return
        }
        roster[id].devices[index].reading = reading
        let device = roster[id].devices[index]
        if device.matches(found) {
            if readings.full == reading, device.shown == nil || !isDoubtful(device) {
                roster[id].devices[index].restartTTL(at: now)
                schedule(id, index)
            }
        } else if isDoubtful(device) {
            roster[id].devices[index].hold(found)
            if roster[id].devices[index].isHeld {
                turn.replies.append(announcement(report.user, report.device))
            }
        } else if isOwn, readings.hasReadOnce {
            putBack(id, index)
        } else {
            countMended()
            hear(found, report.found(by: reading), at: now)
        }
    }

    private mutating func findUnknown(
        _ found: Statement,
        _ report: Report,
        _ id: UserID?,
        reading: ReadingID,
        at now: Instant
    ) {
        if let id, isDoubtful(nil), roster[id].seq > 0, found.status.isOnline {
            var device = Device(report.device, epoch: broker.epoch - 1, at: now)
            device.hold(found)
            device.reading = reading
            roster[id].devices.append(device)
            turn.replies.append(announcement(report.user, report.device))
            return
        }
        if readings.full == reading, found.status == .offline || found.status == .lost {
            remember(found, report, reading: reading, at: now)
            return
        }
        if found.status.isOnline { countMended() }
        hear(found, report.found(by: reading), at: now)
        if let id = directory.id(of: report.user),
            let index = roster[id].index(of: report.device)
        {
            roster[id].devices[index].reading = reading
        }
    }
}

extension PresenceCore {
    /// Takes note of a device that is away: it was known before a restart of the bridge.
    private mutating func remember(
        _ found: Statement,
        _ report: Report,
        reading: ReadingID,
        at now: Instant
    ) {
        let id = directory.intern(report.user)
        var device = Device(report.device, epoch: broker.epoch, at: now)
        _ = device.hear(found, limits: limits, second: clock.second(at: now), at: now)
        device.reading = reading
        roster[id].devices.append(device)
        schedule(id, roster[id].devices.count - 1)
        trimHidden(id)
    }
}

extension Report {
    /// The report with the reading that found it, also if it came by the lasting subscription.
    fileprivate func found(by reading: ReadingID) -> Report {
        var report = self
        report.reading = reading
        return report
    }
}
