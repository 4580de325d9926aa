import Presence

/// How subscriptions end by themselves, and what their watchers are told of it.
extension PresenceCore {
    /// Sets the alarms of all watchers, whose subscriptions were put back after a restart of the
    /// bridge: one each, and not one for every subscription that ends earlier than those before.
    mutating func scheduleEnds() {
        for watcher in 0..<watching.end {
            guard let next = watching.earliestExpiry(of: watcher) else { continue }
            scheduleEnd(of: watcher, at: next)
        }
    }

    /// Sets the watcher's alarm, unless it goes off earlier already.
    mutating func scheduleEnd(of watcher: UserID, at expires: UInt32) {
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
            .sorted {
                $0.expires != $1.expires
                    ? $0.expires < $1.expires : nameOrder($0.user) < nameOrder($1.user)
            }
            .map(\.user)
        for user in ended {
            watching.set(watcher, watching: user, until: nil)
            ledger.ends.append(.removeSubscription(watcher: watcher, user: user))
            candidates.insert(watcher)
            if user != .everyone { candidates.insert(user) }
        }
        tellEnd(of: ended, to: watcher, .expired)
        if let next = watching.earliestExpiry(of: watcher) { scheduleEnd(of: watcher, at: next) }
    }

    private func nameOrder(_ id: UserID) -> Name { directory.name(of: id) ?? Name(checked: "") }

    /// Tells a watcher that subscriptions have ended; what it was to be told before that stays.
    ///
    /// - Parameter users: whom it does not watch any more.
    mutating func tellEnd(of users: [UserID], to watcher: UserID, _ end: Notice.End) {
        if watching.expiry(of: watcher, watching: .everyone) == nil,
            var outbox = telling.takeOutbox(of: watcher)
        {
            var scratch = BitSet()
            outbox.freeze(&scratch) { user in
                guard watching.expiry(of: watcher, watching: user) == nil else { return nil }
                return sealedStatus(of: user)
            }
            telling.putBack(outbox, of: watcher)
        }
        for user in users {
            let name = user == .everyone ? nil : directory[user]
            telling.put(.end(Notice.payload(of: name, end), of: name), to: watcher)
        }
    }

    /// The status of a user as it was last sealed, also while it is changing; `nil` for one who is
    /// forgotten.
    private func sealedStatus(of id: UserID) -> UserStatus? {
        guard let name = directory.name(of: id), roster[id].seq > 0 else { return nil }
        var status = roster.status(of: id, named: name)
        if let before = touched[id]?.before {
            status.devices = before.devices
            status.description = before.description
        }
        return status.fitting(packets.statusRoom(topics))
    }
}
