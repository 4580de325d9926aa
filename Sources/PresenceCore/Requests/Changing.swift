import Presence

/// Requests that change what is stored. What they change is taken back if that fails.
extension PresenceCore {
    mutating func subscribe(
        _ call: Call,
        to names: [Name],
        expiry: Int64,
        at now: Instant
    ) throws(Refusal) -> JSONWriter {
        let caller = call.caller
        let expires = UInt32(clamping: now.nextSecond + expiry)
        let known = directory.id(of: caller)
        let all = known.map { living(of: $0, at: now) } ?? []
        let held = all.filter { $0.user != .everyone }
        let wanted = names.map { directory.id(of: $0) }
        let plan = Subscribing(
            held: held,
            wanted: wanted,
            expires: expires,
            // The subscription to everyone is one of them, and gives way to none.
            limit: limits.maxSubscriptions - (all.count - held.count),
            isFull: {
                limits.maxWatchers > 0 && watching.watchers(of: $0).count >= limits.maxWatchers
            },
            precedes: { directory[$0] < directory[$1] }
        )
        guard !plan.subscribed.isEmpty else {
            throw Refusal(
                .limitExceeded,
                "\(limits.maxSubscriptions) subscriptions at most, and none that has less time "
                    + "left can give way; or the users have all the watchers they may have"
            )
        }
        let result = subscribed(plan, names, until: expires)
        try checkLength(of: result, call)
        try checkStore()
        let watcher = directory.intern(caller)
        for user in plan.evicted {
            setSubscription(watcher, user, until: nil)
            turn.evict(user, from: watcher)
        }
        for (place, name) in names.enumerated() where plan.subscribed.contains(place) {
            setSubscription(watcher, wanted[place] ?? directory.intern(name), until: expires)
        }
        scheduleEnd(of: watcher, at: expires)
        return result
    }

    private func subscribed(
        _ plan: Subscribing,
        _ names: [Name],
        until expires: UInt32
    ) -> JSONWriter {
        var json = JSONWriter(reserving: 256 * names.count)
        json.beginObject()
        json.key("subscribed")
        json.beginArray()
        for (place, name) in names.enumerated() where plan.subscribed.contains(place) {
            status(of: name).write(to: &json, expires: Int64(expires))
        }
        json.endArray()
        json.key("evicted")
        json.names(plan.evicted.map { directory[$0] })
        json.key("rejected")
        json.names(names.indices.filter(plan.rejected.contains).map { names[$0] })
        json.endObject()
        return json
    }

    mutating func subscribeToAll(
        _ call: Call,
        expiry: Int64,
        at now: Instant
    ) throws(Refusal) -> JSONWriter {
        let caller = call.caller
        let held = directory.id(of: caller).map { living(of: $0, at: now) } ?? []
        guard held.first?.user == .everyone || held.count < limits.maxSubscriptions else {
            throw Refusal(
                .limitExceeded,
                "\(limits.maxSubscriptions) subscriptions at most; unsubscribe from a user first"
            )
        }
        let expires = UInt32(clamping: now.nextSecond + expiry)
        let result = subscribedToAll(until: expires)
        try checkLength(of: result, call)
        try checkStore()
        let watcher = directory.intern(caller)
        if watching.expiry(of: watcher, watching: .everyone) == nil { turn.joined.append(watcher) }
        setSubscription(watcher, .everyone, until: expires)
        scheduleEnd(of: watcher, at: expires)
        return result
    }

    private func subscribedToAll(until expires: UInt32) -> JSONWriter {
        var json = JSONWriter()
        json.beginObject()
        json.key("subscribed")
        json.names([])
        json.key("all")
        write(expires: expires, to: &json)
        json.key("evicted")
        json.names([])
        json.key("rejected")
        json.names([])
        json.endObject()
        return json
    }

    mutating func unsubscribe(
        _ call: Call,
        from names: [Name],
        at now: Instant
    ) throws(Refusal) -> JSONWriter {
        let watcher = directory.id(of: call.caller)
        let users = Set(watcher.map { living(of: $0, at: now) }?.map(\.user) ?? [])
        let ended = names.filter { directory.id(of: $0).map(users.contains) ?? false }
        let result = unsubscribed(ended, all: false)
        try checkLength(of: result, call)
        try checkStore()
        if let watcher { end(watcher, ended.compactMap { directory.id(of: $0) }) }
        return result
    }

    mutating func unsubscribeFromAll(_ call: Call, at now: Instant) throws(Refusal) -> JSONWriter {
        let watcher = directory.id(of: call.caller)
        let held = watcher.map { living(of: $0, at: now) }?.map(\.user) ?? []
        let names = held.filter { $0 != .everyone }.map { directory[$0] }.sorted()
        let result = unsubscribed(names, all: held.first == .everyone)
        try checkLength(of: result, call)
        try checkStore()
        guard let watcher else { return result }
        if held.first == .everyone { setSubscription(watcher, .everyone, until: nil) }
        end(watcher, held.filter { $0 != .everyone })
        turn.ended.append((watcher, nil))
        return result
    }

    private mutating func end(_ watcher: UserID, _ users: [UserID]) {
        for user in users {
            setSubscription(watcher, user, until: nil)
        }
        if watching.expiry(of: watcher, watching: .everyone) == nil {
            turn.ended.append((watcher, Set(users)))
        }
    }

    private func unsubscribed(_ names: [Name], all: Bool) -> JSONWriter {
        var json = JSONWriter()
        json.beginObject()
        json.key("unsubscribed")
        json.names(names)
        if all {
            json.key("all")
            json.bool(true)
        }
        json.endObject()
        return json
    }

    mutating func publish(
        _ call: Call,
        _ description: String,
        expiry: Int64?,
        at now: Instant
    ) throws(Refusal) -> JSONWriter {
        let caller = call.caller
        try checkLength(of: description, call, at: now)
        try checkStore()
        let expires = description.isEmpty ? nil : expiry.map { now.nextSecond + $0 }
        let before = wholeStatus(of: caller)
        if before.description != description || directory.id(of: caller) != nil {
            let id = directory.intern(caller)
            let user = roster[id]
            turn.undo.append(
                .publish(
                    id,
                    description: user.description,
                    expires: user.descriptionExpires,
                    updated: user.updated,
                    seq: user.seq
                )
            )
            touch(id)
            roster[id].description = description
            roster[id].descriptionExpires = expires
            ledger.users.insert(id)
            seal(id, isRequested: true, at: now)
            touchOrder.removeAll { $0 == id }
            schedule(id)
        }
        var json = JSONWriter()
        status(of: caller).write(to: &json)
        return json
    }

    /// Refuses a description with which the status is longer than the broker takes: nobody would be
    /// told of it.
    private func checkLength(
        of description: String,
        _ call: Call,
        at now: Instant
    ) throws(Refusal) {
        var status = wholeStatus(of: call.caller)
        status.description = description
        status.seq = max(status.seq + 1, now.unix)
        status.updated = max(clock.latest, now.second)
        let room = packets.statusRoom(topics)
        // One that takes a description away is well in any case: what is left may be shortened.
        let told = description.isEmpty ? status.fitting(room) ?? status : status
        let length = told.payload.count
        guard takes(length, call), length <= room || description.isEmpty else {
            throw tooLong(length, call)
        }
    }

    private func wholeStatus(of name: Name) -> UserStatus {
        directory.id(of: name).map { roster.status(of: $0, named: name) }
            ?? UserStatus(username: name)
    }

    /// Changes a subscription in memory and in the store, and notes how to take it back; the
    /// watcher's alarm is for the caller to set.
    private mutating func setSubscription(
        _ watcher: UserID,
        _ user: UserID,
        until expires: UInt32?
    ) {
        let before = watching.set(watcher, watching: user, until: expires)
        turn.undo.append(.subscription(watcher: watcher, user: user, before))
        if let expires {
            if before == nil {
                // An end that is still to be told is overtaken by the answer to this.
                turn.begun.append((watcher, user))
                if !turn.evicted.isEmpty { turn.evicted[watcher]?.removeAll { $0 == user } }
            }
            ledger.ensureRow(of: watcher)
            if user != .everyone { ledger.ensureRow(of: user) }
            ledger.subscriptions.append(
                .putSubscription(
                    SubscriptionRecord(watcher: watcher, user: user, expires: Int64(expires))
                )
            )
        } else {
            ledger.subscriptions.append(.removeSubscription(watcher: watcher, user: user))
            candidates.formUnion(user == .everyone ? [watcher] : [watcher, user])
        }
    }
}

extension JSONWriter {
    fileprivate mutating func names(_ names: [Name]) {
        beginArray()
        for name in names {
            string(name.text)
        }
        endArray()
    }
}
