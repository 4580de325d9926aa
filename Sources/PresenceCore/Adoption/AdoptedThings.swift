import Presence

/// What adopted things and their gateways count as, and what follows when one of them speaks or falls silent.
struct AdoptedThings: Sendable {
    /// Where a thing stands.
    struct Place: Sendable {
        var id: UserID
        var index: Int
    }

    /// How many seconds what is stored of a thing's last word may lag behind.
    private static let staleness: Int64 = 600
    /// How many things are given up in one go.
    private static let sweep = 1_000

    private(set) var table = AdoptedTable()
    private var gateways = GatewayTable()
    var limits: Limits
    var known: Evidence
    /// The latest second that was told of a thing.
    private(set) var told: Int64 = 0
    private var outcomes: [Adoption.Outcome] = []
    /// The users whose things are still to be given up after a restart of the broker.
    private var giveUpNext: ArraySlice<UserID> = []

    init(_ limits: Limits, _ known: Evidence) {
        self.limits = limits
        self.known = known
    }

    var now: Instant { known.now }

    subscript(place: Place) -> AdoptedDevice { table[place.id][place.index] }

    func place(of device: Name, _ id: UserID?) -> Place? {
        guard let id, let index = table.index(of: device, of: id) else { return nil }
        return Place(id: id, index: index)
    }

    mutating func takeOutcomes() -> [Adoption.Outcome] {
        guard !outcomes.isEmpty else { return [] }
        defer { outcomes = [] }
        return outcomes
    }

    private mutating func second() -> Int64 {
        told = max(told, known.second)
        return told
    }

    /// The epoch of what is heard of for the first time: what is found after a restart proves nothing.
    private var firstEpoch: Int64 { known.isSettled ? known.epoch : known.epoch - 1 }

    // MARK: - Who is there

    mutating func restore(_ device: AdoptedDevice, of id: UserID) { table.append(device, to: id) }

    mutating func add(_ name: Name, of id: UserID) -> Place {
        Place(id: id, index: table.append(AdoptedDevice(name, epoch: firstEpoch, at: now), to: id))
    }

    /// Notes what a topic says of a thing beside its word.
    mutating func update(_ place: Place, _ change: (inout AdoptedDevice) -> Void) {
        table.change(place.id, place.index, change)
    }

    /// Whether a gateway has been heard of.
    func knows(gateway key: String) -> Bool { gateways.knows(key) }

    /// A thing stands behind a gateway, or behind none.
    mutating func put(_ place: Place, behind key: String?) {
        let number = key.map { gateways.number(of: $0, epoch: firstEpoch) } ?? 0
        let device = self[place]
        guard number != device.gateway else { return }
        let thing = GatewayTable.Thing(user: place.id, number: device.number)
        gateways.remove(thing, from: device.gateway)
        gateways.add(thing, to: number)
        if device.heard > 0, device.connection == 0 { gateways.learn(device.epoch, of: number) }
        update(place) { $0.gateway = number }
    }

    // MARK: - Words of things

    /// A thing has said a word, or one was found on its topic.
    mutating func say(_ word: StatusWord, _ place: Place, isFound: Bool) {
        let device = self[place]
        guard isFound else {
            let second = second()
            change(place) { [known] device in
                device.say(word, at: known.now)
                device.spoke(second, known)
            }
            return settle(place, isLive: true)
        }
        let isBack = gateways.isBack(device.gateway, known)
        guard !device.isDoubtful(known) || isBack || isProven(word) else {
            // It may be an old copy: it counts once the thing or its gateway has spoken.
            return update(place) { device in
                if !device.isOverruled { device.note(word) }
            }
        }
        if device.said == word, device.heard > 0, !device.isDoubtful(known) {
            return settle(place, isLive: false)
        }
        if device.said != word { outcomes.append(.device(.mended)) }
        let second = second()
        change(place) { [known] device in
            if device.said != word || device.isDoubtful(known) { device.say(word, at: known.now) }
            device.wasFound(second)
            device.epoch = known.epoch
        }
        settle(place, isLive: false)
    }

    /// Whether a word that is found was said since the broker was restarted.
    private func isProven(_ word: StatusWord) -> Bool {
        known.isProven(Statement(word), session: nil, isOwn: false)
    }

    /// A thing has given a sign of life, which takes back a broken promise, and no gone word.
    mutating func live(_ place: Place) {
        guard self[place].said.isOnline else { return }
        let second = second()
        change(place) { [known] device in
            device.spoke(second, known)
            device.revive(at: known.now)
        }
        settle(place, isLive: true)
    }

    /// A thing's topic was emptied.
    mutating func remove(_ place: Place, isFound: Bool) {
        let device = self[place]
        if isFound, device.isDoubtful(known) { return }
        guard device.shown != nil else { return forget(place) }
        change(place) { [known] in $0.say(.offline, at: known.now) }
        settle(place, isLive: !isFound)
        change(place) { $0.forgetOnceGone() }
    }

    // MARK: - What follows

    /// Lets a thing count as what its word and its gateway say together.
    mutating func settle(_ place: Place, isLive: Bool) {
        let device = self[place]
        guard device.wouldShow else { return leave(place, isFound: !isLive) }
        switch gateways.standing(of: device.gateway) {
        case .gone(let departure): hide(place, departure)
        case .there: show(device.said, place)
        // Who is heard live has a gateway, whatever that has said; what is found waits for its word.
        case .unknown, .going: if isLive || device.shown != nil { show(device.said, place) }
        }
    }

    private mutating func show(_ word: StatusWord, _ place: Place) {
        let device = self[place]
        if device.shown == nil {
            let online = table[place.id].count { $0.shown != nil }
            guard online < limits.maxDevices else {
                let words =
                    "a user has \(limits.maxDevices) devices online at most: not all that were adopted show"
                outcomes += [.refused, .remark(words)]
                return
            }
        }
        if device.shown == word, device.departure == nil { return schedule(place) }
        if device.shown != word { outcomes.append(.device(.shows(place.id, device.name, word))) }
        change(place) { $0.show(word) }
    }

    private mutating func hide(_ place: Place, _ departure: Departure, overruling: Bool = false) {
        let device = self[place]
        guard device.shown != nil else { return schedule(place) }
        outcomes.append(.device(.hides(place.id, device.name, departure)))
        change(place) { [known] in $0.hide(overruling: overruling, at: known.now) }
        if departure.forgets { forget(place) }
    }

    /// A thing has said that it goes: it sleeps, or its grace begins.
    private mutating func leave(_ place: Place, isFound: Bool) {
        let device = self[place]
        if device.said == .lost, let ends = device.sleepEnds, ends * 1_000 > now.unix {
            let word = StatusWord(checked: "sleeping")
            if device.shown != word {
                outcomes.append(.device(.shows(place.id, device.name, word)))
            }
            let until = now.uptime + (ends * 1_000 - now.unix)
            return change(place) { $0.sleep(until: until) }
        }
        let departure = departure(device.said == .offline ? .logout : .lost, isFound: isFound)
        change(place) { $0.depart(departure) }
    }

    private mutating func departure(_ cause: Cause, isFound: Bool) -> Departure {
        let grace = cause == .logout ? limits.logoutGrace : limits.offlineGrace
        let ends = now.uptime + grace.milliseconds
        return Departure(cause: cause, came: second(), ends: ends, isFound: isFound)
    }

    private mutating func forget(_ place: Place) {
        let device = self[place]
        put(place, behind: nil)
        table.remove(place.id, place.index)
        outcomes.append(.device(.stored(DeviceRecord.Key(user: place.id, name: device.name))))
        outcomes.append(.device(.released(place.id)))
    }

    /// Changes a thing, and notes what the store must learn of it, and when to look at it again.
    private mutating func change(_ place: Place, _ body: (inout AdoptedDevice) -> Void) {
        let isStored = table.change(place.id, place.index) { device in
            let before = device.noted
            body(&device)
            return device.takeChange(since: before, staleness: Self.staleness)
        }
        if isStored == true {
            outcomes.append(
                .device(.stored(DeviceRecord.Key(user: place.id, name: self[place].name)))
            )
        }
        schedule(place)
    }

    private mutating func schedule(_ place: Place) {
        let wake = table.change(place.id, place.index) { [limits] in $0.setWake(limits) } ?? nil
        if let wake {
            outcomes.append(.device(.alarm(.adopted(place.id, self[place].number), at: wake)))
        }
    }

    // MARK: - Gateways

    /// What a gateway says, or what was found on its topic.
    enum Word: Sendable {
        case comes
        case begins(session: Int64?)
        case goes(Cause)
        case ends(session: Int64?)
    }

    /// A gateway has spoken; returns whether what it says counts.
    mutating func hear(
        _ word: Word,
        ofGateway key: String,
        behind source: String?,
        isFound: Bool
    ) -> Bool {
        let number = gateways.number(of: key, epoch: firstEpoch)
        if let source {
            gateways.put(number, behind: gateways.number(of: source, epoch: firstEpoch))
        }
        var cause = Cause.lost
        var comes = false
        switch word {
        case .ends(let session) where gateways.isOfEarlierSession(session, number): return false
        case .ends: gateways.endSession(of: number)
        case .goes(let why): cause = why
        case .begins(let session):
            gateways.begin(session, of: number)
            comes = true
        case .comes: comes = true
        }
        if isFound, gateways.isDoubtful(number, known), !isProven(comes ? .online : .lost) {
            return true
        }
        if comes {
            if gateways.come(number, known, isFound: isFound) { settleThings(of: number) }
        } else {
            let departure = departure(cause, isFound: isFound)
            if gateways.go(number, departure, known, isFound: isFound) {
                outcomes.append(.device(.alarm(.adoptedGateway(number), at: departure.ends)))
            }
        }
        return true
    }

    /// A gateway has come or gone: its things go with it, at once and together, or are believed again.
    private mutating func settleThings(of number: GatewayNumber) {
        for thing in gateways.things(of: number) {
            guard let index = table.index(of: thing.number, of: thing.user) else { continue }
            let place = Place(id: thing.user, index: index)
            let device = self[place]
            switch gateways.standing(of: device.gateway) {
            case .gone where device.startsAnew:
                settle(place, isLive: false)
                update(place) { $0.note(.lost) }
                continue
            case .there where device.isDoubtful(known) && gateways.isBack(device.gateway, known):
                change(place) { [known] device in
                    device.epoch = known.epoch
                    device.restartTTL(at: known.now)
                }
            default: break
            }
            settle(place, isLive: false)
        }
    }

    // MARK: - Time

    /// An alarm of a thing went off.
    mutating func passAlarm(_ id: UserID, _ number: DeviceNumber, _ alarm: Int64) {
        guard let index = table.index(of: number, of: id), table[id][index].wake == alarm else {
            return
        }
        let place = Place(id: id, index: index)
        update(place) { $0.wake = nil }
        if known.isUncertain, let going = self[place].departure,
            going.isFound || going.cause == .lost
        {
            // It is known soon whether only the broker has stopped.
            update(place) { [known] in $0.wake = known.now.uptime + 1_000 }
            return outcomes.append(.device(.alarm(.adopted(id, number), at: now.uptime + 1_000)))
        }
        let due = table.change(id, index) { [limits, known] in $0.pass(limits, at: known.now) }
        switch due {
        case .gone(let departure, let overrules)?: hide(place, departure, overruling: overrules)
        case .forgotten?: forget(place)
        case .nothing?, nil: schedule(place)
        }
    }

    /// An alarm of a gateway went off.
    mutating func passAlarm(_ number: GatewayNumber) {
        if known.isUncertain, gateways.mayBeRestart(number) {
            return outcomes.append(.device(.alarm(.adoptedGateway(number), at: now.uptime + 1_000)))
        }
        if gateways.pass(number, at: now) { settleThings(of: number) }
    }

    /// A connection is made: promises begin anew, since nobody listened.
    mutating func connect() {
        for id in table.all {
            for index in table[id].indices {
                let place = Place(id: id, index: index)
                update(place) { [known] device in
                    device.resumeHidden(at: known.now)
                    if device.shown != nil, device.said.isOnline, device.departure == nil {
                        device.restartTTL(at: known.now)
                    }
                }
                schedule(place)
            }
        }
    }

    // MARK: - A restart of the broker

    /// The broker has restarted: returns how many things must speak again.
    mutating func suspectAll() -> Int {
        gateways.suspectAll(known)
        var count = 0
        for id in table.all {
            for index in table[id].indices where table[id][index].shown != nil {
                let place = Place(id: id, index: index)
                if self[place].hasSpoken(known) || self[place].isAsleep(at: now) {
                    change(place) { [known] in $0.epoch = known.epoch }
                } else {
                    count += 1
                    update(place) { $0.suspend() }
                }
            }
        }
        return count
    }

    /// The grace after a restart of the broker is over.
    mutating func giveUpSuspects() {
        if giveUpNext.isEmpty {
            gateways.giveUp(known)
            giveUpNext = table.all[...]
        }
        var given = 0
        while let id = giveUpNext.first, given < Self.sweep {
            giveUpNext.removeFirst()
            for index in table[id].indices {
                let place = Place(id: id, index: index)
                let device = self[place]
                guard device.shown != nil, device.isDoubtful(known) else { continue }
                given += 1
                hide(
                    place,
                    Departure(cause: .restart, came: device.heard, ends: now.uptime),
                    overruling: true
                )
            }
        }
        if !giveUpNext.isEmpty {
            outcomes.append(.device(.alarm(.adoptedSuspects, at: now.uptime + 1)))
        }
    }
}
