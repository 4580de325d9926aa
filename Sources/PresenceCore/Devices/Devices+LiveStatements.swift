import Presence

/// What devices say, and what of it is taken.
extension Devices {
    enum Content {
        case nothing
        case statement(Statement, isOwn: Bool)
        case refused(Refusal)
    }

    /// Takes what a device topic says: a word of the device, or what was found there.
    mutating func receive(_ report: Report, hasStatus: Bool, _ names: inout Names) {
        let reading = report.reading ?? known.full
        let content = read(report)
        switch content {
        case .nothing where isBridge(report.by): return echoClear(report, names)
        case .statement(let statement, let isOwn):
            if let reading {
                return find(
                    statement,
                    report,
                    isOwn: isOwn,
                    hasStatus: hasStatus,
                    in: reading,
                    &names
                )
            }
            if isOwn { return echo(statement, report, names) }
        case .nothing, .refused: break
        }
        if reading != nil {
            resolveDeferred(before: report, &names)
            takeEffect(content, report, &names)
        } else {
            meter(report, content, &names)
        }
    }

    func read(_ report: Report) -> Content {
        guard !report.payload.isEmpty else { return .nothing }
        do throws(Refusal) {
            var statement = try Statement(reading: report.payload, longest: limits.maxStatement)
            let isOwn = isBridge(report.by) || isBridge(statement.by)
            statement.by = nil
            if !isOwn { statement.cause = nil }
            return .statement(statement, isOwn: isOwn)
        } catch {
            return .refused(error)
        }
    }

    mutating func takeEffect(_ report: Report, _ names: inout Names) {
        takeEffect(read(report), report, &names)
    }

    mutating func takeEffect(_ content: Content, _ report: Report, _ names: inout Names) {
        switch content {
        case .nothing: hearNothing(report, names)
        case .statement(let statement, _): hear(statement, report, &names)
        case .refused(let refusal): refuse(report, refusal, names)
        }
        if report.isFollowedByRefused, let (id, index) = place(of: report, names) {
            doubt(id, index, names)
        }
    }

    func place(of report: Report, _ names: Names) -> (id: UserID, index: Int)? {
        guard let id = names.id(of: report.user), let index = table.index(of: report.device, of: id)
        else { return nil }
        return (id, index)
    }

    /// The device emptied its topic, or meant to: without the retain flag the broker keeps what was
    /// there, which would bring the device back as a ghost.
    private mutating func hearNothing(_ report: Report, _ names: Names) {
        operatorWords.confirm(DeviceKey(report.user, report.device))
        if let (id, index) = place(of: report, names) {
            if report.cameBack { table[id, index].comeBack() }
            empty(id, report.device, isLive: true, arrived: report.arrived, names)
        }
        if report.isRetained == false { clear(report.user, report.device) }
    }

    mutating func hear(_ statement: Statement, _ report: Report, _ names: inout Names) {
        operatorWords.confirm(DeviceKey(report.user, report.device))
        guard let (id, index) = admit(statement, report, &names) else { return }
        let second = second()
        let (settings, known, now) = (settings, known, now.earlier(report.arrived))
        let (before, hearing) = table.change(id, index) { device in
            let before = device.noted
            if let session = report.deferredSession { device.begin(session) }
            if report.cameBack { device.comeBack() }
            let hearing = device.hear(
                statement,
                isFound: report.reading != nil,
                limits: settings.limits,
                second: second,
                at: now
            )
            if hearing != .stale { device.note(report, known) }
            return (before, hearing)
        }
        if let word = table[id, index].shown, word != before.shown {
            outcomes.append(.device(.shows(id, report.device, word)))
        }
        if report.reading != nil, statement.status == .lost,
            before.shown != nil || hearing == .stale
        {
            // While nobody listened it may have come back, and an older will have hidden that.
            ask(report.user, report.device)
        }
        if hearing == .stale { return putBack(id, index, names) }
        if hearing == .departing, statement.status == .lost, report.reading == nil,
            known.mayHaveMissed
        {
            // The birth of a newer connection may be among what was missed, which the will of the
            // old one has overwritten. Nobody listens where a device has truly gone.
            ask(report.user, report.device)
        }
        noteChange(id, index, since: before)
        if report.isRetained == false || table[id, index].isForgetting {
            putBack(id, index, names)
        }
        trimHidden(id, names)
    }

    /// Finds or makes the device; `nil` when the statement changes nothing or is refused.
    private mutating func admit(
        _ statement: Statement,
        _ report: Report,
        _ names: inout Names
    ) -> (UserID, Int)? {
        let user = names.id(of: report.user)
        let index = user.flatMap { table.index(of: report.device, of: $0) }
        let isOnline = statement.status.isOnline
        if let user, let index, !isOnline || table[user, index].shown != nil {
            return (user, index)
        }
        if index == nil, !isOnline, statement.status != .invisible {
            let mayBeHidden = report.reading != nil && statement.session != nil
            if mayBeHidden || known.mayHaveMissed {
                // It may have come since, with a word that the will of an old connection hides, or
                // that the broker dropped.
                ask(report.user, report.device)
            }
            clear(report.user, report.device)
            return nil
        }
        if isOnline, let user, isFull(user) {
            let refusal = Refusal(
                .tooManyDevices,
                "\(limits.maxDevices) devices online at most; log one out first"
            )
            refuse(report, refusal, names)
            if let index { forget(user, index, clears: false, names) }
            return nil
        }
        let id = names.intern(report.user)
        if let index { return (id, index) }
        // What is found after a restart of the broker must speak like every suspect.
        let isProven = report.reading == nil || report.isProven || !isDoubtful(nil)
        let epoch = isProven ? known.epoch : known.epoch - 1
        return (id, table.append(Device(report.device, epoch: epoch, at: now), to: id))
    }

    /// Answers what cannot be taken, and puts the topic right.
    private mutating func refuse(_ report: Report, _ refusal: Refusal, _ names: Names) {
        let payload = Answer.refusal(refusal, operation: "device")
        let reply = Reply(topic: topics.response(report.user, report.device), payload: payload)
        outcomes.append(.refusal(DeviceKey(report.user, report.device), refusal, reply))
        guard refusal.code != .tooManyDevices, let (id, index) = place(of: report, names) else {
            return clear(report.user, report.device)
        }
        if let reading = report.reading ?? known.full { table[id, index].reading = reading }
        // It may have been the will, in words that nobody knows; or a logout came before it, and
        // nobody listened.
        doubt(id, index, names)
        putBack(id, index, names)
    }

    /// Refuses what is stated for a device that was adopted: one voice speaks for each device.
    mutating func refuseAdopted(_ report: Report, _ names: Names) {
        guard !report.payload.isEmpty, takeToken(report.user) else { return }
        refuse(
            report,
            Refusal(.forbidden, "this device was adopted: other topics speak for it"),
            names
        )
    }

    /// The topic was emptied: a logout after which the device is no longer remembered.
    mutating func empty(
        _ id: UserID,
        _ name: Name,
        isLive: Bool,
        arrived: Int64? = nil,
        _ names: Names
    ) {
        guard let index = table.index(of: name, of: id) else { return }
        if !isLive, isDoubtful(table[id, index]) { return }
        let before = table[id, index].noted
        let second = second()
        table[id, index].hearNothing(
            isFound: !isLive,
            limits: settings.limits,
            second: second,
            at: now.earlier(arrived)
        )
        if table[id, index].shown == nil {
            forget(id, index, clears: false, names)
        } else {
            noteChange(id, index, since: before)
        }
    }
}

extension Device {
    /// Notes when and over which connection a statement came that was heard.
    fileprivate mutating func note(_ report: Report, _ known: Evidence) {
        isTakenAtWord = report.isProven && report.reading != nil
        if report.reading == nil {
            connection = known.connection
            // A reading that is under way may have passed by before the topic was written.
            reading = known.lastReading
        }
        if report.reading == nil || report.isProven || !known.isDoubtful(epoch: epoch) {
            epoch = known.epoch
        }
    }
}
