import Presence

/// Requests that change what is stored. What they change is taken back if that fails.
extension PresenceCore {
    mutating func subscribe(
        _ caller: Name,
        to names: [Name],
        expiry: Int64,
        at now: Instant
    ) throws(Refusal) -> JSONWriter {
        let expires = UInt32(clamping: now.nextSecond + expiry)
        let known = directory.id(of: caller)
        let all = known.map { living(of: $0, at: now) } ?? []
        let held = all.filter { $0.user != .everyone }
        let plan = Subscribing(
            held: held,
            wanted: names.map { directory.id(of: $0) },
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
        try checkStore()
        let watcher = directory.intern(caller)
        for user in plan.evicted {
            setSubscription(watcher, user, until: nil)
            turn.evicted.append((watcher, user))
        }
        for (place, name) in names.enumerated() where plan.subscribed.contains(place) {
            setSubscription(watcher, directory.intern(name), until: expires)
        }
        return subscribed(names, plan, until: Int64(expires))
    }

    private func subscribed(
        _ names: [Name],
        _ plan: Subscribing,
        until expires: Int64
    ) -> JSONWriter {
        var json = JSONWriter(reserving: 256 * names.count)
        json.beginObject()
        json.key("subscribed")
        json.beginArray()
        for (place, name) in names.enumerated() where plan.subscribed.contains(place) {
            status(of: name).write(to: &json, expires: expires)
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
        _ caller: Name,
        expiry: Int64,
        at now: Instant
    ) throws(Refusal) -> JSONWriter {
        let held = directory.id(of: caller).map { living(of: $0, at: now) } ?? []
        guard held.first?.user == .everyone || held.count < limits.maxSubscriptions else {
            throw Refusal(
                .limitExceeded,
                "\(limits.maxSubscriptions) subscriptions at most; unsubscribe from a user first"
            )
        }
        try checkStore()
        let expires = UInt32(clamping: now.nextSecond + expiry)
        let watcher = directory.intern(caller)
        if watching.expiry(of: watcher, watching: .everyone) == nil { turn.joined.append(watcher) }
        setSubscription(watcher, .everyone, until: expires)
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

    mutating func unsubscribe(_ caller: Name, from names: [Name], at now: Instant) -> JSONWriter {
        guard let watcher = directory.id(of: caller) else { return unsubscribed([], all: false) }
        let users = Set(living(of: watcher, at: now).map(\.user))
        let ended = names.filter { directory.id(of: $0).map(users.contains) ?? false }
        end(watcher, ended.compactMap { directory.id(of: $0) }, at: now)
        return unsubscribed(ended, all: false)
    }

    mutating func unsubscribeFromAll(_ caller: Name, at now: Instant) -> JSONWriter {
        guard let watcher = directory.id(of: caller) else { return unsubscribed([], all: false) }
        let held = living(of: watcher, at: now).map(\.user)
        let names = held.filter { $0 != .everyone }.map { directory[$0] }.sorted()
        if held.first == .everyone { setSubscription(watcher, .everyone, until: nil) }
        end(watcher, held.filter { $0 != .everyone }, at: now)
        turn.ended.append((watcher, nil))
        return unsubscribed(names, all: held.first == .everyone)
    }

    private mutating func end(_ watcher: UserID, _ users: [UserID], at now: Instant) {
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
        _ caller: Name,
        _ description: String,
        expiry: Int64?,
        at now: Instant
    ) -> JSONWriter {
        let expires = description.isEmpty ? nil : expiry.map { now.nextSecond + $0 }
        let before = status(of: caller)
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

    /// Changes a subscription in memory and in the store, and notes how to take it back.
    private mutating func setSubscription(
        _ watcher: UserID,
        _ user: UserID,
        until expires: UInt32?
    ) {
        let before = watching.set(watcher, watching: user, until: expires)
        turn.undo.append(.subscription(watcher: watcher, user: user, before))
        if let expires {
            ledger.ensureRow(of: watcher)
            if user != .everyone { ledger.ensureRow(of: user) }
            ledger.subscriptions.append(
                .putSubscription(
                    SubscriptionRecord(watcher: watcher, user: user, expires: Int64(expires))
                )
            )
            scheduleEnd(of: watcher, at: expires)
        } else {
            ledger.subscriptions.append(.removeSubscription(watcher: watcher, user: user))
            candidates.formUnion(user == .everyone ? [watcher] : [watcher, user])
        }
    }

    private mutating func scheduleEnd(of watcher: UserID, at expires: UInt32) {
        var wake = watching[wakeOf: watcher]
        calendar.set(.subscription(watcher), at: Int64(expires) * 1_000, unlessBefore: &wake)
        watching[wakeOf: watcher] = wake
    }

    /// The watcher's alarm went off: what has run out ends, and the watcher is told.
    mutating func endSubscriptions(of watcher: UserID, alarm: Int64, at now: Instant) {
        guard watching[wakeOf: watcher] == alarm else { return }
        watching[wakeOf: watcher] = nil
        let ended = watching.subscriptions(of: watcher)
            .filter { Int64($0.expires) * 1_000 <= now.unix }
        let order = ended.sorted {
            $0.expires != $1.expires
                ? $0.expires < $1.expires : nameOrder($0.user) < nameOrder($1.user)
        }
        for subscription in order {
            watching.set(watcher, watching: subscription.user, until: nil)
            ledger.ends.append(.removeSubscription(watcher: watcher, user: subscription.user))
            endNotice(watcher, subscription.user, .expired)
            candidates.formUnion(
                subscription.user == .everyone ? [watcher] : [watcher, subscription.user]
            )
        }
        if let next = watching.earliestExpiry(of: watcher) { scheduleEnd(of: watcher, at: next) }
    }

    private func nameOrder(_ id: UserID) -> Name { directory.name(of: id) ?? Name(checked: "") }

    /// Tells a watcher that a subscription has ended; what it was to be told before that stays.
    mutating func endNotice(_ watcher: UserID, _ user: UserID, _ end: Notice.End) {
        let name = user == .everyone ? nil : directory[user]
        if watching.expiry(of: watcher, watching: .everyone) == nil {
            var pending = telling.take(from: watcher)
            for index in pending.indices {
                guard case .status(let told) = pending[index],
                    watching.expiry(of: watcher, watching: told) == nil,
                    let status = sealedStatus(of: told)
                else { continue }
                pending[index] = .fixed(status.payload, of: told)
            }
            telling.putBack(pending, to: watcher)
        }
        telling.put(.fixed(Notice.payload(of: name, end), of: user), to: watcher)
    }

    /// The status of a user as it was last sealed, also while it is changing.
    private func sealedStatus(of id: UserID) -> UserStatus? {
        guard let name = directory.name(of: id) else { return nil }
        var status = roster.status(of: id, named: name)
        if let before = touched[id]?.before {
            status.devices = before.devices
            status.description = before.description
        }
        return status
    }

    /// Puts a subscription back as it was before a restart of the bridge.
    mutating func restore(_ record: SubscriptionRecord) {
        let expires = UInt32(clamping: record.expires)
        watching.set(record.watcher, watching: record.user, until: expires)
        scheduleEnd(of: record.watcher, at: expires)
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
