import Presence

/// The machine of the watchers: who is subscribed to whom and until when, and what each is told.
///
/// Changes of statuses come in, events go out. Of users it knows their numbers alone, and statuses
/// only as they are told.
struct Watching: Sendable {
    /// What others must learn.
    enum Outcome: Hashable, Sendable {
        /// A request made a subscription, or gave it another end.
        case subscribed(SubscriptionRecord)
        /// A subscription has ended, by a request or since it has run out.
        case unsubscribed(UserID, from: UserID, isRequested: Bool)
        /// Nothing of the user's is held here any more, or what was held was taken back.
        case released(UserID)
    }

    /// What requests of this turn changed.
    private struct Turn {
        /// How to take it back: what each subscription was before.
        var undo: [(watcher: UserID, user: UserID, before: UInt32?)] = []
        /// Whose subscriptions gave way to longer ones, watcher by watcher.
        var evicted: [UserID: [UserID]] = [:]
        /// Subscriptions that gave way after a change in this turn, which is told before.
        var parting: [UserID: Set<UserID>] = [:]
        /// Who has changed so far, once a subscription has given way, of the first so many changes.
        var changed: Set<UserID> = []
        var changesSeen = 0
        /// Of whom watchers asked to be told no longer; `nil` for everyone.
        var ended: [(watcher: UserID, users: Set<UserID>?)] = []
        /// Watchers that watch everyone from now on.
        var joined: [UserID] = []
        /// Subscriptions that are new.
        var begun: [(watcher: UserID, user: UserID)] = []
    }

    private(set) var subscriptions = Subscriptions()
    private(set) var delivery = Delivery()
    private var turn = Turn()
    private var outcomes: [Outcome] = []

    /// Whether a name is needed: somebody watches the user, or the user watches or is told something.
    func needs(_ id: UserID) -> Bool { subscriptions.refers(to: id) || delivery.holds(for: id) }

    /// Whether an alarm of a watcher's is the one that it waits for.
    func awaits(_ alarm: Int64, of watcher: UserID) -> Bool {
        subscriptions[wakeOf: watcher] == alarm
    }

    mutating func takeOutcomes() -> [Outcome] {
        guard !outcomes.isEmpty else { return [] }
        defer { outcomes = [] }
        return outcomes
    }

    // MARK: - What happens

    mutating func restore(_ watched: [WatchedUser], of watcher: UserID) {
        subscriptions.restore(watched, of: watcher)
    }

    /// Everything is restored: the watchers' alarms are set, one each, and not one for every
    /// subscription that ends earlier than those before.
    mutating func endRestoring(_ calendar: inout Alarms) {
        subscriptions.endRestoring()
        for watcher in 0..<subscriptions.end {
            guard let next = subscriptions.earliestExpiry(of: watcher) else { continue }
            scheduleEnd(of: watcher, at: next, &calendar)
        }
    }

    /// The broker does not keep up, or does so again.
    mutating func congest(_ isCongested: Bool) { delivery.isCongested = isCongested }

    /// A request subscribes a watcher.
    ///
    /// - Parameters:
    ///   - evicted: whose subscriptions give way.
    ///   - changes: the statuses that have changed in this turn so far.
    mutating func subscribe(
        _ watcher: UserID,
        to users: [UserID],
        evicting evicted: [UserID],
        until expires: UInt32,
        after changes: [StatusChange],
        _ calendar: inout Alarms
    ) {
        for user in evicted {
            set(watcher, user, until: nil)
            evict(user, from: watcher, after: changes)
        }
        for user in users { set(watcher, user, until: expires) }
        scheduleEnd(of: watcher, at: expires, &calendar)
    }

    mutating func subscribeToAll(
        _ watcher: UserID,
        until expires: UInt32,
        _ calendar: inout Alarms
    ) {
        if !watchesEveryone(watcher) { turn.joined.append(watcher) }
        set(watcher, .everyone, until: expires)
        scheduleEnd(of: watcher, at: expires, &calendar)
    }

    mutating func unsubscribe(_ watcher: UserID, from users: [UserID]) {
        for user in users { set(watcher, user, until: nil) }
        if !watchesEveryone(watcher) { turn.ended.append((watcher, Set(users))) }
    }

    mutating func unsubscribeFromAll(_ watcher: UserID, at now: Instant) {
        var users = subscriptions.living(of: watcher, at: now).map(\.user)
        if users.first == .everyone {
            set(watcher, .everyone, until: nil)
            users.removeFirst()
        }
        unsubscribe(watcher, from: users)
        turn.ended.append((watcher, nil))
    }

    /// The watcher's alarm went off: what has run out ends, and the watcher is told.
    mutating func passAlarm(
        of watcher: UserID,
        _ alarm: Int64,
        _ statuses: some Statuses,
        _ names: Names,
        room: Int?,
        at now: Instant,
        _ calendar: inout Alarms
    ) {
        guard awaits(alarm, of: watcher) else { return }
        subscriptions[wakeOf: watcher] = nil
        let over = subscriptions.list(of: watcher).filter { $0.isOver(at: now) }
        end(over, of: watcher, statuses, names, room: room)
        if let next = subscriptions.earliestExpiry(of: watcher) {
            scheduleEnd(of: watcher, at: next, &calendar)
        }
    }

    /// Ends subscriptions of a watcher, not by a request, and tells the watcher: the one that ended first, first.
    private mutating func end(
        _ over: some Collection<Subscription>,
        of watcher: UserID,
        _ statuses: some Statuses,
        _ names: Names,
        room: Int?
    ) {
        let keys = over.map { ($0.expires, names.name(of: $0.user) ?? Name(checked: ""), $0.user) }
        let ended = keys.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
        for user in ended {
            subscriptions.set(watcher, watching: user, until: nil)
            outcomes.append(.unsubscribed(watcher, from: user, isRequested: false))
        }
        tellEnd(of: ended, to: watcher, .expired, statuses, names, room: room)
    }

    /// A user is forgotten: what it watches ends, and so do the subscriptions to it, as if they had run out.
    ///
    /// A star's watchers are many: ``endWatchers(of:atMost:_:_:room:)`` goes before this, turn by turn.
    ///
    /// - Parameter farewell: What those who watch everyone are told; `nil` where that is nothing.
    mutating func erase(
        _ id: UserID,
        _ farewell: UserStatus?,
        _ statuses: some Statuses,
        _ names: Names,
        room: Int?
    ) {
        delivery.forget(id)
        // Its devices may be connected, and think that they are told of those whom it watches.
        end(subscriptions.list(of: id), of: id, statuses, names, room: room)
        endWatchers(of: id, atMost: .max, statuses, names, room: room)
        subscriptions.watchers(of: .everyone).walk(from: 0) { watcher in
            delivery.drop([id: names[id]], from: watcher)
            if let farewell, watcher != id {
                delivery.put(.frozen(farewell.payload, of: farewell.username), to: watcher)
            }
            return true
        }
    }

    /// Ends some of the subscriptions to a user, as if they had run out.
    mutating func endWatchers(
        of id: UserID,
        atMost limit: Int,
        _ statuses: some Statuses,
        _ names: Names,
        room: Int?
    ) {
        var watchers: [UserID] = []
        subscriptions.watchers(of: id).walk(from: 0) { watcher in
            watchers.append(watcher)
            return watchers.count < limit
        }
        for watcher in watchers {
            subscriptions.set(watcher, watching: id, until: nil)
            outcomes.append(.unsubscribed(watcher, from: id, isRequested: false))
            // Nothing is left to tell of the user but that: the number may soon be somebody else's.
            delivery.drop([id: names[id]], from: watcher)
            tellEnd(of: [id], to: watcher, .expired, statuses, names, room: room)
        }
    }

    /// The interval between two messages of events to a watcher is over.
    mutating func open(_ watcher: UserID, at now: Instant) { delivery.open(watcher, at: now) }

    /// The store failed: takes back what this turn's requests changed, the last first.
    mutating func takeBack() {
        for step in turn.undo.reversed() {
            subscriptions.set(step.watcher, watching: step.user, until: step.before)
            outcomes.append(.released(step.watcher))
            outcomes.append(.released(step.user))
        }
        turn = Turn()
    }

    /// The connection is gone, and the turn with it.
    mutating func dropTurn() { turn = Turn() }

    /// Says which watchers nothing is held for any more, and nobody watches: the end of a turn.
    mutating func release() {
        for id in delivery.takeReleased() where !subscriptions.refers(to: id) {
            outcomes.append(.released(id))
        }
    }

    /// A user's name is dropped, and whatever is about it with it.
    mutating func forget(_ id: UserID) { delivery.forget(id) }

    // MARK: - Telling

    /// What was told in a turn.
    struct Tally: Hashable, Sendable {
        /// Messages of events.
        var messages = 0
        /// Statuses and notices in them.
        var updates = 0
    }

    /// Tells the turn's changes, and what was collected, to whoever may be told again.
    ///
    /// - Parameters:
    ///   - changes: the statuses that have changed in this turn.
    ///   - payloads: the statuses that were written in this turn.
    mutating func tell(
        _ changes: [StatusChange],
        _ payloads: inout StatusPayloads,
        _ statuses: some Statuses,
        _ names: Names,
        _ settings: Settings,
        at now: Instant,
        _ alarms: inout Alarms,
        into effects: inout [Effect]
    ) -> Tally {
        for (watcher, users) in turn.ended {
            let named = users.map { users in
                Dictionary(uniqueKeysWithValues: users.map { ($0, names[$0]) })
            }
            delivery.drop(named, from: watcher)
        }
        for (watcher, user) in turn.begun {
            let name = user == .everyone ? nil : names[user]
            delivery.dropEnd(of: name, from: watcher) { names.id(of: $0) }
        }
        for watcher in turn.joined { delivery.join(watcher, subscriptions) }
        for change in changes where change.isTold { delivery.tell(change.user) }
        for (watcher, users) in turn.evicted.sorted(by: { $0.key < $1.key }) {
            let parting = turn.parting[watcher] ?? []
            for user in users where parting.contains(user) && statuses.hasStatus(user) {
                delivery.put(.status(user), to: watcher)
            }
            tellEnd(of: users, to: watcher, .evicted, statuses, names, room: payloads.room)
        }
        turn = Turn()
        return notify(&payloads, statuses, names, settings, at: now, &alarms, into: &effects)
    }

    /// Writes the batches of events that are due.
    private mutating func notify(
        _ payloads: inout StatusPayloads,
        _ statuses: some Statuses,
        _ names: Names,
        _ settings: Settings,
        at now: Instant,
        _ alarms: inout Alarms,
        into effects: inout [Effect]
    ) -> Tally {
        delivery.walk(subscriptions)
        let interval = settings.limits.eventInterval.milliseconds
        let limit = min(settings.limits.maxMessage, settings.eventRoom)
        var tally = Tally()
        var events = SharedEvents([], limit: limit) { _ in nil }
        var room = Delivery.bytesPerTurn
        while room > 0, let (watcher, items) = delivery.nextDue(names, interval: interval, at: now)
        {
            alarms.set(.outbox(watcher), at: now.uptime + interval)
            guard let name = names.name(of: watcher) else { continue }
            if items != events.items {
                events.publish(into: &effects)
                events = SharedEvents(items, limit: limit) {
                    payloads.payload(of: $0, statuses, names)
                }
            }
            guard events.updates > 0 else {
                delivery.reopen(watcher)
                continue
            }
            events.append(name)
            tally.updates += events.updates
            tally.messages += events.messages.count
            room -= events.bytes
        }
        events.publish(into: &effects)
        return tally
    }

    /// Tells a watcher that subscriptions have ended; what it was to be told before that stays.
    ///
    /// - Parameter users: whom it does not watch any more.
    private mutating func tellEnd(
        of users: [UserID],
        to watcher: UserID,
        _ end: Notice.End,
        _ statuses: some Statuses,
        _ names: Names,
        room: Int?
    ) {
        if !watchesEveryone(watcher) {
            delivery.freeze(for: watcher) { [subscriptions] user in
                guard subscriptions.expiry(of: watcher, watching: user) == nil,
                    let name = names.name(of: user)
                else { return nil }
                return statuses.toldLast(user, named: name, room: room)
            }
        }
        for user in users {
            let name = user == .everyone ? nil : names[user]
            delivery.put(.end(Notice.payload(of: name, end), of: name), to: watcher)
        }
    }

    // MARK: - Subscriptions

    private func watchesEveryone(_ watcher: UserID) -> Bool {
        subscriptions.expiry(of: watcher, watching: .everyone) != nil
    }

    /// Changes a subscription for a request, and notes how to take it back.
    private mutating func set(_ watcher: UserID, _ user: UserID, until expires: UInt32?) {
        let before = subscriptions.set(watcher, watching: user, until: expires)
        turn.undo.append((watcher, user, before))
        guard let expires else {
            outcomes.append(.unsubscribed(watcher, from: user, isRequested: true))
            return
        }
        if before == nil {
            // An end that is still to be told is overtaken by the answer to this.
            turn.begun.append((watcher, user))
            if !turn.evicted.isEmpty { turn.evicted[watcher]?.removeAll { $0 == user } }
        }
        let record = SubscriptionRecord(watcher: watcher, user: user, expires: Int64(expires))
        outcomes.append(.subscribed(record))
    }

    /// A subscription has given way to a longer one.
    private mutating func evict(
        _ user: UserID,
        from watcher: UserID,
        after changes: [StatusChange]
    ) {
        turn.evicted[watcher, default: []].append(user)
        for change in changes[turn.changesSeen...] where change.isTold {
            turn.changed.insert(change.user)
        }
        turn.changesSeen = changes.count
        if turn.changed.contains(user) { turn.parting[watcher, default: []].insert(user) }
    }

    /// Sets the watcher's alarm, unless it goes off earlier already.
    private mutating func scheduleEnd(
        of watcher: UserID,
        at expires: UInt32,
        _ calendar: inout Alarms
    ) {
        if let time = subscriptions[wakeOf: watcher].bringForward(to: Int64(expires) * 1_000) {
            calendar.set(.subscription(watcher), at: time)
        }
    }
}
