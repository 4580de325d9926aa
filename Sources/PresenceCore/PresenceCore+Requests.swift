import Presence

/// What requests change, and what they are answered.
extension PresenceCore {
    static let unavailable = Refusal(
        .unavailable,
        "the store does not accept writes now; try later"
    )

    /// Answers a request, or prepares its answer, which waits until the turn is stored.
    mutating func answer(_ message: RequestMessage) {
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
                if let query = call.historyQuery {
                    return try recall(query, call, for: .request(message))
                }
                let payload = call.answer(try carryOut(call))
                requests.noteAnswer(of: payload.count)
                let reply = Reply(message, payload, settings.topics)
                turn.answered.append(Turn.Answered(answer: .reply(reply), call: call))
            } catch {
                refuse(message, error, id: call.id)
            }
        }
    }

    private mutating func refuse(_ message: RequestMessage, _ refusal: Refusal, id: RequestID?) {
        counts.errors += 1
        let payload = Answer.refusal(refusal, id: id, operation: message.operation)
        requests.noteAnswer(of: payload.count)
        let reply = Reply(message, payload, settings.topics)
        turn.answered.append(Turn.Answered(answer: .reply(reply), call: nil))
    }

    /// Carries out what is asked and writes its result.
    mutating func carryOut(_ call: Call) throws(Refusal) -> JSONWriter {
        call.command.isChange ? try change(call) : try read(call)
    }

    private func held(by call: Call) -> [Subscription] {
        names.id(of: call.caller).map { watching.subscriptions.living(of: $0, at: now) } ?? []
    }

    /// Carries out a request that changes what is stored.
    ///
    /// What it changes is taken back if that fails.
    private mutating func change(_ call: Call) throws(Refusal) -> JSONWriter {
        switch call.command {
        case .subscribe(let usernames, let expiry):
            let order = try call.subscribe(
                to: usernames,
                expiry: expiry,
                held(by: call),
                names,
                users,
                watcherCount: { watching.subscriptions.watchers(of: $0).count },
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
            let order = try call.subscribeToAll(expiry: expiry, held(by: call), at: now)
            try checkStore()
            let watcher = names.intern(call.caller)
            watching.subscribeToAll(watcher, until: order.expires, &calendar)
            followWatching()
            return order.result
        case .unsubscribe(let usernames):
            let (ended, result) = try call.unsubscribe(from: usernames, held(by: call), names)
            try checkStore()
            if let watcher = names.id(of: call.caller) {
                watching.unsubscribe(watcher, from: ended)
                followWatching()
            }
            return result
        case .unsubscribeFromAll:
            let result = try call.unsubscribeFromAll(held(by: call), names)
            try checkStore()
            if let watcher = names.id(of: call.caller) {
                watching.unsubscribeFromAll(watcher, at: now)
                followWatching()
            }
            return result
        case .publish(let description, let expiry):
            let second = max(clock.latest, now.second)
            let isChange = try call.publish(description, second: second, names, users, at: now)
            try checkStore()
            if isChange {
                let expires = description.isEmpty ? nil : expiry.map { now.nextSecond + $0 }
                let id = names.intern(call.caller)
                users.publish(description, of: id, until: expires, &clock, limits, at: now)
                followUsers()
                unsaved.noteRequestedUser()
            }
            var json = JSONWriter()
            users.status(of: call.caller, names, room: settings.statusRoom).write(to: &json)
            return json
        case .status, .explanation, .get, .getBrief, .online, .subscriptions, .sync, .watchers,
            .history:
            preconditionFailure("\(call.operation) changes nothing")
        }
    }

    private mutating func read(_ call: Call) throws(Refusal) -> JSONWriter {
        let result: JSONWriter
        switch call.command {
        case .status(let username):
            var json = JSONWriter()
            users.status(of: username, names, room: settings.statusRoom).write(to: &json)
            result = json
        case .explanation(let username): result = explain(username, nil)
        case .get(let usernames): result = try call.get(usernames, names, users)
        case .getBrief(let usernames): result = call.getBrief(usernames, names, users)
        case .online(let size, let from):
            result = try call.online(size: size, from: from, names, users)
        case .subscriptions(let page, let size):
            result = call.subscriptions(page: page, size: size, held(by: call), names)
        case .sync(let after, let size, let from):
            let time = clock.second(at: now)
            // The time that is told here is the least that a later answer may tell.
            if broker.tell(time) { unsaved.noteBroker() }
            result = call.sync(
                after: after,
                size: size,
                from: from,
                time: time,
                held(by: call),
                names,
                users
            )
        case .watchers(let size, let from):
            let caller = names.id(of: call.caller)
            let watchers = caller.map(watching.subscriptions.watchers) ?? WatcherSet()
            result = try call.watchers(watchers, size: size, from: from, names)
        case .subscribe, .subscribeToAll, .unsubscribe, .unsubscribeFromAll, .publish, .history:
            preconditionFailure("\(call.operation) is no reading of what the core holds")
        }
        try call.checkLength(of: result)
        return result
    }

    /// Refuses a change while the store is known not to accept it.
    func checkStore() throws(Refusal) {
        if !unsaved.acceptsChanges { throw Self.unavailable }
    }

    // MARK: - The change log

    /// Asks for what the change log has; the answer follows when that was read.
    mutating func recall(
        _ query: HistoryQuery,
        _ call: Call,
        for asker: Recalls.Asker
    ) throws(Refusal) {
        effects.append(.recall(try recalls.begin(call, of: query.user, for: asker), query))
    }

    /// The change log was read, or could not be.
    mutating func finishRecall(_ number: UInt64, _ changes: [LoggedChange]?) {
        guard let recall = recalls.end(number) else { return }
        let result: Result<JSONWriter, Refusal>
        do throws(Refusal) {
            // What was read before it was erased is shown to nobody.
            let kept = changes.map { $0.filter { $0.id > recall.erased } }
            let page = try page(recall.call, kept)
            try recall.call.checkLength(of: page)
            result = .success(page)
        } catch {
            result = .failure(error)
        }
        switch (recall.asker, result) {
        case (.question(let number), _):
            effects.append(.answer(number, result.map(\.bytes)))
        case (.request(let message), .failure(let refusal)):
            refuse(message, refusal, id: recall.call.id)
        case (.request(let message), .success(let page)):
            let payload = recall.call.answer(page)
            requests.noteAnswer(of: payload.count)
            let reply = Reply(message, payload, settings.topics)
            turn.answered.append(Turn.Answered(answer: .reply(reply), call: nil))
        }
    }

    /// What is answered once the change log was read, or could not be.
    private func page(_ call: Call, _ changes: [LoggedChange]?) throws(Refusal) -> JSONWriter {
        switch call.command {
        case .explanation(let user): return explain(user, changes)
        case .history(_, _, let size, _):
            guard let changes else {
                throw Refusal(.unavailable, "the change log cannot be read now; try later")
            }
            return try call.history(changes, size: size)
        default: preconditionFailure("\(call.operation) does not wait for the change log")
        }
    }

    // MARK: - Answers

    /// The answers as they stand after the store has had its say.
    mutating func finishAnswers(failed: Bool) -> [Effect] {
        turn.answered.map { answered in
            guard failed else { return answered.answer }
            guard let call = answered.call else { return refusedByStore(answered.answer) }
            // What was read may have seen what was just taken back: it is read again.
            let result: Result<JSONWriter, Refusal>
            do throws(Refusal) {
                guard !call.command.isChange else { throw Self.unavailable }
                result = .success(try carryOut(call))
            } catch {
                result = .failure(error)
            }
            switch answered.answer {
            case .reply(var reply):
                switch result {
                case .success(let json): reply.payload = call.answer(json)
                case .failure(let refusal):
                    counts.errors += 1
                    reply.payload = call.answer(refusal)
                }
                return .reply(reply)
            case .answer(let number, _): return .answer(number, result.map(\.bytes))
            default: return answered.answer
            }
        }
    }

    /// Whether the broker takes an answer.
    func fits(_ reply: Reply) -> Bool {
        reply.payload.count <= settings.packets.room(for: reply)
    }

    /// The broker has refused an answer for its length: its requester is told that, in its place.
    mutating func replaceAnswer(_ reply: Reply) {
        guard readings.phase == .serving, let error = reply.refusedForLength() else { return }
        counts.errors += 1
        turn.replies.append(error)
    }
}
