import Presence

/// The store does not accept writes.
struct StoreFault: Hashable, Sendable {
    /// Time between two tries, in milliseconds.
    static let pause: Int64 = 1_000

    /// Whether the next turn tries again.
    var isRetryDue = false
}

extension PresenceCore {
    /// Everything that has happened is in: statuses are sealed, requests are carried out, and
    /// what must be stored goes out first.
    mutating func endTurn(at now: Instant, into effects: inout [Effect]) {
        if phase == .serving {
            seal(at: now)
            let requests = turn.requests
            turn.requests = []
            for message in requests {
                answer(message, at: now)
            }
        } else {
            turn.requests = []
        }
        // A device is stored with the status that it led to, and none is sealed before all is read.
        guard phase == .serving, !ledger.isEmpty, storeFault?.isRetryDue ?? true else { return }
        // Taken out meanwhile: what a copy of the core holds, too, would be copied at each change.
        var ledger = self.ledger
        self.ledger = Ledger()
        for change in ledger.changes(self) {
            effects.append(.save(change))
        }
        self.ledger = ledger
    }

    /// What the turn wanted stored is stored, or is not: what it wants told goes out.
    mutating func closeTurn(failure: String?, at now: Instant, into effects: inout [Effect]) {
        guard phase == .serving else { return }
        if let failure {
            if storeFault == nil {
                effects.append(
                    .log(.error, "the store does not accept writes: \(failure); trying again")
                )
            }
            storeFault = StoreFault()
            // So that the next try has something to write.
            ledger.isBrokerDue = true
            alarms.set(.store, at: now.uptime + StoreFault.pause)
            takeBack()
            ledger.fail()
        } else if storeFault?.isRetryDue ?? true {
            if storeFault != nil {
                effects.append(.log(.notice, "the store accepts writes again"))
                storeFault = nil
            }
            for id in ledger.succeed() {
                directory.release(id)
            }
        }
        let answered = finishAnswers(failed: failure != nil, at: now)
        publish(answered, at: now, into: &effects)
        dropNames()
    }

    /// Events first, then the retained statuses, then the answers: after a crash, a status that is
    /// right means events that were sent.
    private mutating func publish(
        _ answered: [Reply],
        at now: Instant,
        into effects: inout [Effect]
    ) {
        // Whoever was forgotten since has no status to be put right.
        turn.told.removeAll { roster[$0.user].seq == 0 }
        for (watcher, users) in turn.ended {
            let named = users.map { users in
                Dictionary(uniqueKeysWithValues: users.map { ($0, directory[$0]) })
            }
            telling.drop(named, from: watcher)
        }
        for (watcher, user) in turn.begun {
            let name = user == .everyone ? nil : directory[user]
            telling.dropEnd(of: name, from: watcher) { directory.id(of: $0) }
        }
        for watcher in turn.joined {
            telling.join(watcher, watching)
        }
        // Whoever was forgotten since is as one who was never seen.
        turn.told.removeAll { roster[$0.user].seq == 0 }
        for told in turn.told where told.isTold {
            telling.tell(told.user)
        }
        for (watcher, users) in turn.evicted.sorted(by: { $0.key < $1.key }) {
            let parting = turn.parting[watcher] ?? []
            for user in users where parting.contains(user) && roster[user].seq > 0 {
                telling.put(.status(user), to: watcher)
            }
            tellEnd(of: users, to: watcher, .evicted)
        }
        var written = NumberTable<[UInt8]>()
        notify(&written, at: now, into: &effects)
        var retained = NumberTable<Void>()
        for told in turn.told where !retained.contains(told.user) {
            retained[told.user] = ()
            guard let name = directory.name(of: told.user) else { continue }
            noteLength(of: told.user, named: name, into: &effects)
            guard let payload = payload(of: told.user, &written) else { continue }
            counts.statuses += 1
            effects.append(.retain(.status(name), payload))
        }
        noteUnconfirmed(at: now)
        // A status that was to be cleared and is there again stays, and so does a device's word.
        effects += turn.writes.filter { write in
            switch write {
            case .clear(.status(let name)):
                !(directory.id(of: name).map(retained.contains) ?? false)
            case .clear(.device(let user, let device)): !isRemembered(user, device)
            default: true
            }
        }
        // What is too long even where it says that something is too long is not sent.
        for reply in turn.replies where fits(reply) { effects.append(.reply(reply)) }
        for reply in answered where fits(reply) { effects.append(.reply(reply)) }
        if turn.serves {
            effects.append(
                .serve(
                    epoch: broker.epoch,
                    grace: limits.brokerRestartGrace.milliseconds / 1_000
                )
            )
            if broker.mark == nil { effects.append(.mark(takeMark(at: now))) }
        }
        if turn.asksForStated { effects.append(.askForStated) }
        turn = Turn()
    }

    /// Whether a device is known, and not about to be forgotten.
    private func isRemembered(_ user: Name, _ device: Name) -> Bool {
        guard let id = directory.id(of: user), let index = roster[id].index(of: device) else {
            return false
        }
        return roster[id, index].departure?.forgets != true
    }

    /// Takes back what this turn's requests changed, the last first.
    private mutating func takeBack() {
        for step in turn.undo.reversed() {
            switch step {
            case .subscription(let watcher, let user, let before):
                watching.set(watcher, watching: user, until: before)
                candidates.formUnion([watcher, user])
            case .publish(let id, let description, let expires, let updated, let seq):
                roster[id].description = description
                roster[id].descriptionExpires = expires
                roster[id].updated = updated
                roster[id].seq = seq
                candidates.insert(id)
            }
        }
        turn.told.removeAll(where: \.isRequested)
        turn.evicted = [:]
        turn.parting = [:]
        turn.ended = []
        turn.begun = []
        turn.joined = []
    }

    /// The answers as they stand after the store has had its say.
    private mutating func finishAnswers(failed: Bool, at now: Instant) -> [Reply] {
        turn.answered.map { answered in
            var payload = answered.payload
            if failed, let call = answered.call {
                // What was read may have seen what was just taken back: it is read again.
                do throws(Refusal) {
                    guard !call.command.isChange else { throw Self.unavailable }
                    payload = try carryOut(call, at: now)
                } catch {
                    counts.errors += 1
                    payload = refusal(error, call)
                }
            }
            return reply(answered.message, payload)
        }
    }

    /// Refuses a change while the store is known not to accept it.
    func checkStore() throws(Refusal) {
        if storeFault?.isRetryDue == false { throw Self.unavailable }
    }

    private static let unavailable = Refusal(
        .unavailable,
        "the store does not accept writes now; try later"
    )
}
