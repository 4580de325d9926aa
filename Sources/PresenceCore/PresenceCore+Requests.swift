import Presence

/// What requests change, and what they are answered.
extension PresenceCore {
    private static let unavailable = Refusal(
        .unavailable,
        "the store does not accept writes now; try later"
    )

    /// Answers a request, or prepares its answer, which waits until the turn is stored.
    mutating func answer(_ message: RequestMessage, at now: Instant) {
        let admission = requests.admit(message, settings, at: now)
        if case .ignored = admission { return }
        counts.requests += 1
        if message.isRetained, TopicName.isPublishable(message.topic) {
            turn.writes.append(.clear(.stray(message.topic)))
        }
        switch admission {
        case .ignored: break
        case .dropped: counts.errors += 1
        case .crowded(nil):
            counts.refused += 1
            counts.errors += 1
        case .crowded(let (refusal, id)?):
            counts.refused += 1
            refuse(message, refusal, id: id)
        case .refused(let refusal, let id): refuse(message, refusal, id: id)
        case .called(let call):
            do throws(Refusal) {
                let payload = try carryOut(call, at: now)
                requests.noteAnswer(of: payload.count)
                turn.answered.append(.init(message: message, call: call, payload: payload))
            } catch {
                refuse(message, error, id: call.id)
            }
        }
    }

    private mutating func refuse(_ message: RequestMessage, _ refusal: Refusal, id: RequestID?) {
        counts.errors += 1
        let payload = Answer.refusal(refusal, id: id, operation: message.operation)
        requests.noteAnswer(of: payload.count)
        turn.answered.append(.init(message: message, call: nil, payload: payload))
    }

    /// Carries out a request and writes its answer.
    private mutating func carryOut(_ call: Call, at now: Instant) throws(Refusal) -> [UInt8] {
        let result = call.command.isChange ? try change(call, at: now) : try read(call, at: now)
        return call.answer(result)
    }

    /// Carries out a request that changes what is stored.
    ///
    /// What it changes is taken back if that fails.
    private mutating func change(_ call: Call, at now: Instant) throws(Refusal) -> JSONWriter {
        switch call.command {
        case .subscribe(let usernames, let expiry):
            let order = try call.subscribe(
                to: usernames,
                expiry: expiry,
                names,
                users,
                watching,
                settings,
                at: now
            )
            try checkStore()
            let watcher = names.intern(call.caller)
            var ids: [UserID] = []
            for (name, id) in order.subscribed { ids.append(id ?? names.intern(name)) }
            watching.subscribe(
                watcher,
                to: ids,
                evicting: order.evicted,
                until: order.expires,
                after: users.changes,
                &calendar
            )
            followWatching()
            return order.result
        case .subscribeToAll(let expiry):
            let order = try call.subscribeToAll(expiry: expiry, names, watching, settings, at: now)
            try checkStore()
            let watcher = names.intern(call.caller)
            watching.subscribeToAll(watcher, until: order.expires, &calendar)
            followWatching()
            return order.result
        case .unsubscribe(let usernames):
            let (ended, result) =
                try call.unsubscribe(from: usernames, names, watching, settings, at: now)
            try checkStore()
            if let watcher = names.id(of: call.caller) {
                watching.unsubscribe(watcher, from: ended)
                followWatching()
            }
            return result
        case .unsubscribeFromAll:
            let result = try call.unsubscribeFromAll(names, watching, settings, at: now)
            try checkStore()
            if let watcher = names.id(of: call.caller) {
                watching.unsubscribeFromAll(watcher, at: now)
                followWatching()
            }
            return result
        case .publish(let description, let expiry):
            let second = max(clock.latest, now.second)
            let isChange =
                try call.publish(description, second: second, names, users, settings, at: now)
            try checkStore()
            if isChange {
                let expires = description.isEmpty ? nil : expiry.map { now.nextSecond + $0 }
                let id = names.intern(call.caller)
                users.publish(description, of: id, until: expires, &clock, limits, at: now)
                followUsers()
            }
            var json = JSONWriter()
            users.status(of: call.caller, names, room: settings.statusRoom).write(to: &json)
            return json
        case .get, .getBrief, .online, .subscriptions, .sync, .watchers:
            preconditionFailure("\(call.operation) changes nothing")
        }
    }

    /// Carries out a request that changes nothing.
    private mutating func read(_ call: Call, at now: Instant) throws(Refusal) -> JSONWriter {
        let cursors = requests.cursors
        let result: JSONWriter
        switch call.command {
        case .get(let usernames):
            result = Call.get(usernames, names, users, room: settings.statusRoom)
        case .getBrief(let usernames): result = Call.getBrief(usernames, names, users)
        case .online(let size, let from):
            result = try call.online(size: size, from: from, names, users, settings, cursors)
        case .subscriptions(let page, let size):
            result = call.subscriptions(page: page, size: size, names, watching, at: now)
        case .sync(let after, let size, let from):
            let time = clock.second(at: now)
            // The time that is told here is the least that a later answer may tell.
            if broker.tell(time) { unsaved.noteBroker() }
            result = call.sync(
                after: after,
                size: size,
                from: from,
                upTo: names.end,
                time: time,
                names,
                users,
                watching,
                settings,
                cursors,
                at: now
            )
        case .watchers(let size, let from):
            result = try call.watchers(size: size, from: from, names, watching, settings, cursors)
        case .subscribe, .subscribeToAll, .unsubscribe, .unsubscribeFromAll, .publish:
            preconditionFailure("\(call.operation) changes what is stored")
        }
        try call.checkLength(of: result, settings)
        return result
    }

    /// Refuses a change while the store is known not to accept it.
    private func checkStore() throws(Refusal) {
        if !unsaved.acceptsChanges { throw Self.unavailable }
    }

    // MARK: - Answers

    /// The answers as they stand after the store has had its say.
    mutating func finishAnswers(failed: Bool, at now: Instant) -> [Reply] {
        turn.answered.map { answered in
            var payload = answered.payload
            if failed, let call = answered.call {
                // What was read may have seen what was just taken back: it is read again.
                do throws(Refusal) {
                    guard !call.command.isChange else { throw Self.unavailable }
                    payload = try carryOut(call, at: now)
                } catch {
                    counts.errors += 1
                    payload = call.answer(error)
                }
            }
            return Reply(answered.message, payload, settings.topics)
        }
    }

    /// Whether the broker takes an answer.
    func fits(_ reply: Reply) -> Bool {
        reply.payload.count <= settings.packets.room(for: reply)
    }

    /// The broker has refused an answer for its length: its requester is told that, in its place.
    mutating func replaceAnswer(_ reply: Reply) {
        guard broker.phase == .serving, let error = reply.refusedForLength() else { return }
        counts.errors += 1
        turn.replies.append(error)
    }
}
