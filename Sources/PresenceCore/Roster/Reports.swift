import Presence

extension PresenceCore {
    /// What a payload on a device topic says.
    enum Word {
        case nothing
        case statement(Statement, isOwn: Bool)
        case refused(Refusal)
    }

    /// Takes what a device topic says: a word of the device, or what was found there.
    mutating func receive(_ report: Report, at now: Instant) {
        guard phase != .away else { return }
        let reading = report.reading ?? readings.full
        switch (read(report), reading) {
        case (.nothing, _) where report.by == bridgeID:
            echoClear(report, at: now)
        case (.statement(let statement, let isOwn), let reading?):
            find(statement, report, isOwn: isOwn, reading: reading, at: now)
        case (.statement(let statement, isOwn: true), nil):
            echo(statement, report, at: now)
        case (let word, let reading):
            var report = report
            if reading != nil {
                settleHeld(before: report, at: now)
                takeEffect(word, report, at: now)
            } else if meter(&report, at: now) {
                takeEffect(word, report, at: now)
            }
        }
    }

    /// Lets a statement that was held back take effect.
    mutating func takeEffect(_ report: Report, at now: Instant) {
        takeEffect(read(report), report, at: now)
    }

    private mutating func takeEffect(_ word: Word, _ report: Report, at now: Instant) {
        switch word {
        case .nothing: hearNothing(report, at: now)
        case .statement(let statement, _): hear(statement, report, at: now)
        case .refused(let refusal): refuse(report, refusal, at: now)
        }
        if report.isFollowedByRefused, let id = directory.id(of: report.user),
            let index = roster[id].index(of: report.device)
        {
            doubt(id, index, at: now)
        }
    }

    func read(_ report: Report) -> Word {
        guard !report.payload.isEmpty else { return .nothing }
        do throws(Refusal) {
            var statement = try Statement(reading: report.payload, longest: limits.maxStatement)
            let isOwn = report.by == bridgeID || statement.by == bridgeID
            statement.by = nil
            if !isOwn { statement.cause = nil }
            return .statement(statement, isOwn: isOwn)
        } catch {
            return .refused(error)
        }
    }

    /// The device emptied its topic, or meant to: without the retain flag the broker keeps what was
    /// there, which would bring the device back as a ghost.
    private mutating func hearNothing(_ report: Report, at now: Instant) {
        if let id = directory.id(of: report.user) {
            if let index = roster.index(of: report.device, of: id), report.cameBack {
                roster[id, index].comeBack()
            }
            empty(id, report.device, isLive: true, arrived: report.arrived, at: now)
        }
        if report.isRetained == false {
            turn.writes.append(.clear(.device(report.user, report.device)))
        }
    }

    /// A word of the device.
    mutating func hear(_ statement: Statement, _ report: Report, at now: Instant) {
        guard let (id, index) = admit(statement, report, at: now) else { return }
        let before = roster[id, index].noted
        let second = clock.second(at: now)
        if let session = report.heldSession { roster[id, index].begin(session) }
        if report.cameBack { roster[id, index].comeBack() }
        let hearing = roster[id, index].hear(
            statement,
            isFound: report.reading != nil,
            limits: limits,
            second: second,
            at: now.earlier(report.arrived)
        )
        if roster[id, index].shown != before.shown { touch(id, index, shown: before.shown) }
        if report.reading != nil, statement.status == .lost, before.shown != nil {
            // While nobody listened it may have come back, and an older will have hidden that.
            turn.replies.append(announcement(report.user, report.device))
        }
        if hearing == .stale {
            putBack(id, index)
            return
        }
        if hearing == .departing, statement.status == .lost, report.reading == nil,
            now.uptime < readings.missedUntil
        {
            askLost(id, index)
        }
        let isTakenAtWord = report.isProven && report.reading != nil
        if roster[id, index].isTakenAtWord != isTakenAtWord {
            roster[id, index].isTakenAtWord = isTakenAtWord
        }
        if report.reading == nil {
            roster[id, index].connection = connection
            // A reading that is under way may have passed by before the topic was written.
            roster[id, index].reading = readings.last
        }
        if report.reading == nil || report.isProven || !isDoubtful(epoch: before.epoch) {
            roster[id, index].epoch = broker.epoch
        }
        noteChange(id, index, since: before)
        let isForgotten = roster[id, index].departure?.forgets == true
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
        var index: Int?
        if let known { index = roster.index(of: report.device, of: known) }
        let isOnline = statement.status.isOnline
        if let known, let index, !isOnline || roster[known, index].shown != nil {
            return (known, index)
        }
        if index == nil, !isOnline, statement.status != .invisible {
            let mayBeHidden = report.reading != nil && statement.session != nil
            if mayBeHidden || now.uptime < readings.missedUntil {
                // It may have come since, with a word that the will of an old connection hides, or
                // that the broker dropped.
                turn.replies.append(announcement(report.user, report.device))
            }
            turn.writes.append(.clear(.device(report.user, report.device)))
            return nil
        }
        if isOnline, let known,
            roster[known].onlineDevices >= limits.maxDevices
        {
            refuse(
                report,
                Refusal(
                    .tooManyDevices,
                    "\(limits.maxDevices) devices online at most; log one out first"
                ),
                at: now
            )
            if let index { forget(known, index, clears: false) }
            return nil
        }
        let id = directory.intern(report.user)
        if let index { return (id, index) }
        // What is found after a restart of the broker must speak like every suspect.
        let isProven = report.reading == nil || report.isProven || !isDoubtful(nil)
        let epoch = isProven ? broker.epoch : broker.epoch - 1
        return (id, roster.append(Device(report.device, epoch: epoch, at: now), to: id))
    }

    /// Answers what cannot be taken, and puts the topic right.
    private mutating func refuse(_ report: Report, _ refusal: Refusal, at now: Instant) {
        counts.errors += 1
        let payload = Answer.refusal(refusal, operation: "device")
        turn.replies.append(
            Reply(topic: topics.response(report.user, report.device), payload: payload)
        )
        if refusal.code != .tooManyDevices, let id = directory.id(of: report.user),
            let index = roster[id].index(of: report.device)
        {
            if let reading = report.reading ?? readings.full {
                roster[id, index].reading = reading
            }
            // It may have been the will, in words that nobody knows; or a logout came before it,
            // and nobody listened.
            doubt(id, index, at: now)
            putBack(id, index)
        } else {
            turn.writes.append(.clear(.device(report.user, report.device)))
        }
    }

    /// The topic was emptied: a logout after which the device is no longer remembered.
    mutating func empty(
        _ id: UserID,
        _ name: Name,
        isLive: Bool,
        arrived: Int64? = nil,
        at now: Instant
    ) {
        guard let index = roster[id].index(of: name) else { return }
        if !isLive, isDoubtful(roster[id, index]) { return }
        let before = roster[id, index].noted
        _ = roster[id, index].hearNothing(
            isFound: !isLive,
            limits: limits,
            second: clock.second(at: now),
            at: now.earlier(arrived)
        )
        if roster[id, index].shown == nil {
            forget(id, index, clears: false)
        } else {
            noteChange(id, index, since: before)
        }
    }
}
