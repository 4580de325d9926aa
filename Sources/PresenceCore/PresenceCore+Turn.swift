import DequeModule
import Presence

/// The order of a turn: what has come due, what is stored, then events, retained statuses, corrections
/// and answers.
extension PresenceCore {
    /// Everything that has happened is in: statuses are sealed, requests are carried out, and
    /// what must be stored goes out first.
    mutating func endTurn() {
        followLearned()
        guard readings.phase == .serving else {
            refuseQuestions()
            turn.requests = []
            return
        }
        continueErasing()
        users.seal(&clock, limits, at: now)
        followUsers()
        while let asked = turn.requests.popFirst() {
            switch asked {
            case .request(let message): answer(message)
            case .question(let question): answer(question)
            case .done(let number, let refusal): answer(number, refusal)
            }
        }
        noteChanges()
        // A device is stored with the status that it led to, and none is sealed before all is read.
        guard unsaved.isDue else { return }
        let devices = unsaved.dueDevices.map {
            ($0, self.devices.record($0) ?? adoption.record($0))
        }
        let users = unsaved.takeDueUsers(with: devices).map { ($0, userRecord($0)) }
        let broker = broker.record(clock, ownTopic: settings.ownTopic)
        let changes =
            unsaved.changes(broker: broker, users: users, devices: devices)
            + changeLog.changes(at: now, ifRead: limits.logs)
        guard !changes.isEmpty else { return }
        // An erasure is over when nobody can read what was erased.
        let isRequested = unsaved.isRequested || changeLog.erases
        effects.append(.save(changes, isRequested: isRequested))
    }

    /// Notes for the change log what this turn has changed.
    private mutating func noteChanges() {
        guard limits.logsChanges, !users.changes.isEmpty else { return }
        users.dropForgotten()
        var payloads = StatusPayloads(room: settings.statusRoom)
        changeLog.note(users.changes, &payloads, users, names)
        turn.payloads = payloads
    }

    private func userRecord(_ id: UserID) -> UserRecord? {
        let isNeeded =
            devices.knows(id) || adoption.knows(id) || watching.subscriptions.refers(to: id)
        return users.record(id, named: names.name(of: id), isNeeded: isNeeded)
    }

    /// What the turn wanted stored is stored, or is not: what it wants told goes out.
    mutating func closeTurn(failure: String?) {
        guard readings.phase == .serving else { return }
        if let failure {
            if unsaved.fail() {
                let words = "the store does not accept writes: \(failure); trying again"
                effects.append(.log(.error, words))
            }
            alarms.set(.store, at: now.uptime + UnsavedRows.pause)
            turn.payloads = nil
            users.takeBack()
            followUsers()
            var payloads = StatusPayloads(room: settings.statusRoom)
            changeLog.fail(&payloads, users, names)
            watching.takeBack()
            followWatching()
        } else {
            let (hasRecovered, freed) = unsaved.succeed()
            changeLog.succeed()
            if hasRecovered { effects.append(.log(.notice, "the store accepts writes again")) }
            for id in freed { names.reuse(id) }
        }
        publish(finishAnswers(failed: failure != nil))
        dropNames()
    }

    /// Events first, then the retained statuses, then the answers: after a crash, a status that is
    /// right means events that were sent.
    private mutating func publish(_ answers: [Effect]) {
        users.dropForgotten()
        if !export.isIdle {
            for change in users.changes { export.note(change.user, at: now) }
            followExport()
        }
        var payloads = turn.payloads.take() ?? StatusPayloads(room: settings.statusRoom)
        let tally = watching.tell(
            users.changes,
            &payloads,
            users,
            names,
            settings,
            at: now,
            &alarms,
            into: &effects
        )
        counts.events += tally.messages
        counts.updates += tally.updates
        counts.statuses += users.retain(
            &payloads,
            names,
            settings.packets,
            shortened: &counts.shortened,
            into: &effects
        )
        let writes = turn.writes.filter { !isOvertaken($0) }
        tellDevices { devices, _ in devices.noteCorrections(writes) }
        effects += writes
        // What is too long even where it says that something is too long is not sent.
        for reply in turn.replies where fits(reply) { effects.append(.reply(reply)) }
        for answer in answers {
            if case .reply(let reply) = answer, !fits(reply) { continue }
            effects.append(answer)
        }
        if turn.serves {
            let grace = limits.brokerRestartGrace.milliseconds / 1_000
            effects.append(.serve(epoch: broker.epoch, grace: grace))
            if let mark = broker.takeMark(at: now) { effects.append(.mark(mark)) }
        }
        if turn.asksForStated { effects.append(.askForStated) }
        users.endTurn()
        turn = Turn()
    }

    /// Whether a topic has got something newer since it was decided what to write there: a status that
    /// is there again stays, and so does what a device has said, or that it has emptied the topic.
    ///
    /// What was found at a connection is corrected when everything is read, so that may be long after.
    private func isOvertaken(_ write: Effect) -> Bool {
        switch write {
        case .clear(.status(let name)): names.id(of: name).map(users.isRetained) ?? false
        case .clear(.device(let user, let device)):
            devices.isOvertaken(nil, of: user, device, names)
        case .retain(.device(let user, let device), let payload):
            devices.isOvertaken(payload, of: user, device, names)
        default: false
        }
    }

    /// Drops the names that nothing refers to any more.
    private mutating func dropNames() {
        watching.release()
        followWatching()
        for id in names.takeReleased() where !isNeeded(id) {
            users.forget(id)
            names.remove(id)
            watching.forget(id)
            unsaved.noteDropped(id)
        }
    }

    func isNeeded(_ id: UserID) -> Bool {
        users.knows(id) || users.isChanging(id) || devices.knows(id) || adoption.knows(id)
            || watching.needs(id)
    }

    // MARK: - Alarms

    /// Lets everything happen that has come due.
    mutating func passAlarms() {
        while let (time, purpose) = alarms.takeDue(at: now.uptime) {
            switch purpose {
            case .device, .deferredStatements, .misnamedTopics, .suspectsAsked, .suspectsEnd:
                let isCongested = watching.delivery.isCongested
                tellDevices { $0.passAlarm(purpose, time, isCongested: isCongested, &$1) }
            case .outbox(let watcher): watching.open(watcher, at: now)
            case .audit: audit()
            case .rereading: readEverything()
            case .certainty: if broker.isOverdue(at: now) { becomeCertain() }
            case .store: unsaved.tryAgain()
            case .adopted, .adoptedGateway, .adoptedSuspects:
                tellAdopted { adoption, _ in adoption.passAlarm(purpose, time) }
            case .export:
                export.passAlarm(names, isCongested: watching.delivery.isCongested, at: now)
                followExport()
            case .subscription, .user: preconditionFailure("\(purpose) is on the calendar")
            }
        }
        while let (time, purpose) = calendar.takeDue(at: now.unix) {
            switch purpose {
            case .subscription(let watcher):
                let room = settings.statusRoom
                watching.passAlarm(of: watcher, time, users, names, room: room, at: now, &calendar)
                followWatching()
            case .user(let id):
                users.passAlarm(of: id, time, limits, at: now)
                followUsers()
            default: preconditionFailure("\(purpose) is not on the calendar")
            }
        }
        if alarms.isCrowded || calendar.isCrowded { sweepAlarms() }
    }

    private mutating func sweepAlarms() {
        alarms.sweep { [devices, adoption] time, purpose in
            switch purpose {
            case .device(let id, let number): devices.awaits(time, of: id, number)
            case .adopted(let id, let number): adoption.awaits(time, of: id, number)
            default: true
            }
        }
        calendar.sweep { [users, watching] time, purpose in
            switch purpose {
            case .user(let id): users.awaits(time, of: id)
            case .subscription(let watcher): watching.awaits(time, of: watcher)
            default: true
            }
        }
    }

    // MARK: - What the machines say

    mutating func follow(_ outcome: DeviceOutcome) {
        switch outcome {
        case .shows(let id, let device, let word): users.show(word, of: device, id)
        case .hides(let id, let device, let departure):
            users.show(nil, of: device, id, departure)
            if adoption.awaitsRoom(of: id) {
                tellAdopted { adoption, _ in adoption.fillRoom(of: id) }
            }
        case .stored(let key): unsaved.note(key)
        case .released(let id): names.release(id)
        case .alarm(let purpose, let time): alarms.set(purpose, at: time)
        case .mended: if readings.phase == .serving { counts.mended += 1 }
        case .grace(let id, let device, let step):
            guard let user = names.name(of: id) else { return }
            effects.append(.log(.detail, step.words(user, device)))
        }
    }

    /// Carries what the devices say to whom it concerns.
    mutating func followDevices() {
        clock.learn(devices.told)
        for outcome in devices.takeOutcomes() {
            switch outcome {
            case .device(let outcome): follow(outcome)
            case .write(let write): turn.writes.append(write)
            case .reply(let reply): turn.replies.append(reply)
            case .refusal(let key, let refusal, let reply):
                counts.errors += 1
                refusals.note(refusal, of: key, at: max(clock.latest, now.second))
                turn.replies.append(reply)
            case .asksForStated: turn.asksForStated = true
            case .news: readings.findNews()
            case .missed: readings.missStatement()
            case .suspectsGivenUp:
                let words = "the grace after the restart of the broker is over"
                effects.append(.log(.notice, words))
            case .suspectsSettled:
                broker.settle()
                unsaved.noteBroker()
            }
        }
    }

    /// Carries what describes users to other programs to the broker.
    mutating func followExport() {
        for outcome in export.takeOutcomes() {
            switch outcome {
            case .reads(let filter):
                let id = readings.askForDiscoveryMessages(at: now)
                effects.append(.read(id, .discoveryMessages(filter)))
            case .writes(let topic, let payload):
                turn.writes.append(.retain(.discoveryMessage(topic), payload))
            case .clears(let topic): turn.writes.append(.clear(.discoveryMessage(topic)))
            case .notes(let prefix?):
                turn.writes.append(.retain(.exportNote, Array(prefix.utf8)))
            case .notes(nil): turn.writes.append(.clear(.exportNote))
            case .alarm(let time): alarms.set(.export, at: time)
            }
        }
    }

    /// Carries what the users say to whom it concerns.
    mutating func followUsers() {
        for outcome in users.takeOutcomes() {
            switch outcome {
            case .stored(let id): unsaved.note(id)
            case .released(let id): names.release(id)
            case .forgotten(let id):
                unsaved.note(id)
                // The numbers of the user's status are not told again, whatever the clock does.
                if broker.tell(clock.latest) { unsaved.noteBroker() }
                names.release(id)
                turn.writes.append(.clear(.status(names[id])))
                export.forget(id, named: names[id])
                followExport()
            case .alarm(let id, let time): calendar.set(.user(id), at: time)
            }
        }
    }

    /// Carries what the watching side says to whom it concerns.
    mutating func followWatching() {
        for outcome in watching.takeOutcomes() {
            switch outcome {
            case .subscribed(let subscription): unsaved.note(subscription)
            case .unsubscribed(let watcher, let user, let isRequested):
                unsaved.noteUnsubscribed(watcher, from: user, isRequested: isRequested)
                names.release(watcher)
                names.release(user)
            case .released(let id): names.release(id)
            }
        }
    }
}

extension Evidence {
    /// What is known now of the broker and of its retained topics.
    init(_ broker: Broker, _ readings: Readings, _ clock: SteadyClock, at now: Instant) {
        self.init(
            now: now,
            second: max(clock.latest, now.second),
            epoch: broker.epoch,
            isSettled: broker.isSettled,
            kept: broker.kept,
            connection: broker.connection,
            full: readings.full,
            lastReading: readings.last,
            connectionReading: readings.atConnection,
            missedUntil: readings.missedUntil,
            hasReadOnce: readings.hasReadOnce,
            isUncertain: !broker.isCertain
        )
    }
}
