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
    /// How long things that must speak anew may take for that once their gateway has, in milliseconds.
    static let rebirth: Int64 = 5_000
    /// How many things are given up in one go.
    static let sweep = 1_000

    private(set) var table = AdoptedTable()
    var gateways = GatewayTable()
    var limits: Limits
    var known: Evidence
    /// The latest second that was told of a thing.
    private(set) var told: Int64 = 0
    var outcomes: [Adoption.Outcome] = []
    /// The users whose things are still to be given up after a restart of the broker.
    var giveUpNext: ArraySlice<UserID> = []
    /// The things that were found, and have not said yet which gateway they stand behind.
    var awaiting: [GatewayTable.Thing] = []
    /// The users who had no room for a thing.
    private(set) var crowded: Set<UserID> = []

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

    mutating func second() -> Int64 {
        told = max(told, known.second)
        return told
    }

    /// The epoch of what is heard of for the first time: what is found after a restart proves nothing.
    var firstEpoch: Int64 { known.isSettled ? known.epoch : known.epoch - 1 }

    // MARK: - Who is there

    /// Takes in a thing of the store, and what its gateway is known by.
    mutating func restore(_ device: AdoptedDevice, of id: UserID, behind gateway: String?) {
        let index = table.append(device, to: id)
        if let gateway { put(Place(id: id, index: index), behind: gateway, isNews: false) }
    }

    mutating func add(_ name: Name, of id: UserID) -> Place {
        Place(id: id, index: table.append(AdoptedDevice(name, epoch: firstEpoch, at: now), to: id))
    }

    /// Notes what a topic says of a thing beside its word.
    mutating func update(_ place: Place, _ change: (inout AdoptedDevice) -> Void) {
        table.change(place.id, place.index, change)
    }

    /// What the store keeps of a thing.
    func record(_ place: Place) -> DeviceRecord? {
        let device = self[place]
        return device.record(of: place.id, behind: gateways.key(of: device.gateway))
    }

    /// Everything is read: who has named no gateway stands behind none, and who has no error any more is well.
    mutating func endReading(_ id: ReadingID, isCut: Bool) {
        for thing in awaiting {
            guard let index = table.index(of: thing.number, of: thing.user) else { continue }
            let place = Place(id: thing.user, index: index)
            update(place) { $0.awaitsGateway = false }
            settle(place, isLive: false)
        }
        awaiting = []
        guard !isCut else { return }
        for user in table.all {
            for index in table[user].indices where table[user][index].isWellAgain(in: id, known) {
                let place = Place(id: user, index: index)
                update(place) { $0.note(isIll: false, in: id) }
                say(.online, place, isFound: true)
            }
        }
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
        // What is found once more keeps no promise.
        guard device.overruled != .promise || !word.isOnline else { return schedule(place) }
        // Its will would stand there, but where a gateway has that: then only the gateway's word tells.
        let isProven =
            isProven(word, spokenIn: device.heard > 0 ? device.epoch : nil)
            && (device.gateway == 0 || known.kept == .nothing)
        guard !device.isDoubtful(known) || isBack || isProven else {
            // It may be an old copy: it counts once the thing or its gateway has spoken. The store must know,
            // or the next process would take it for new.
            let second = second()
            return change(place) { [known] device in
                if device.overruled == nil, !device.isAsleep(at: known.now) { device.note(word) }
                device.wasFound(second)
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
    ///
    /// - Parameter epoch: The epoch of the broker in which its sender spoke last; `nil` for one that is not known.
    func isProven(_ word: StatusWord, spokenIn epoch: Int64?) -> Bool {
        // One that was doubted before has left what is found, and no will: an end of the broker clears nothing up.
        if let epoch, epoch < known.epoch - 1, known.kept != .nothing { return false }
        return known.isProven(Statement(word), session: nil, isOwn: false)
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
        // What may be an old copy brings nobody back.
        let isOpen = device.isDoubtful(known) || device.awaitsGateway
        guard isLive || device.shown != nil || !isOpen else { return }
        switch gateways.standing(of: device.gateway) {
        case .gone(let departure): hide(place, departure)
        case .there: show(device.said, place)
        // Who is heard live has a gateway, whatever that has said; what is found waits for its word.
        case .unknown, .going: if isLive || device.shown != nil { show(device.said, place) }
        }
    }

    private mutating func show(_ word: StatusWord, _ place: Place) {
        let device = self[place]
        if device.shown == word, device.departure == nil { return schedule(place) }
        if device.shown != word { outcomes.append(.device(.shows(place.id, device.name, word))) }
        let second = second()
        change(place) { device in
            device.wasFound(second)
            device.show(word)
        }
    }

    /// The user has no room for a thing that was to show: it stays hidden until it or its topic says that again.
    mutating func refuse(_ place: Place) {
        crowded.insert(place.id)
        change(place) { [known] in $0.hide(at: known.now) }
        let words =
            "a user has \(limits.maxDevices) devices online at most: not all that were adopted show"
        outcomes += [.refused, .remark(words)]
    }

    /// A user may have room again for things that were refused.
    mutating func fillRoom(of id: UserID) {
        guard crowded.remove(id) != nil else { return }
        for index in table[id].indices where table[id][index].shown == nil {
            let place = Place(id: id, index: index)
            if self[place].wouldShow { settle(place, isLive: false) }
        }
    }

    mutating func hide(
        _ place: Place,
        _ departure: Departure,
        overruling: AdoptedDevice.Overruling? = nil
    ) {
        let device = self[place]
        guard device.shown != nil else { return schedule(place) }
        outcomes.append(.device(.hides(place.id, device.name, departure)))
        change(place) { [known] in $0.hide(overruling: overruling, at: known.now) }
        if departure.forgets { forget(place) }
    }

    /// A status shows no other things of a user: the others had gone when it was told.
    mutating func hide(allBut shown: [Name], of id: UserID) {
        for index in table[id].indices {
            let place = Place(id: id, index: index)
            guard self[place].shown != nil, !shown.contains(self[place].name) else { continue }
            hide(place, Departure(cause: .lost, came: second(), ends: now.uptime))
            change(place) { $0.note(.lost) }
        }
    }

    /// A thing has said that it goes: it sleeps, or its grace begins.
    private mutating func leave(_ place: Place, isFound: Bool) {
        let device = self[place]
        if device.said == .lost, let ends = device.sleepEnds, ends * 1_000 > now.unix {
            let word = StatusWord.sleeping
            if device.shown != word {
                outcomes.append(.device(.shows(place.id, device.name, word)))
            }
            let until = now.uptime + (ends * 1_000 - now.unix)
            let second = second()
            return change(place) { device in
                device.wasFound(second)
                device.sleep(until: until)
            }
        }
        let departure = departure(device.said == .offline ? .logout : .lost, isFound: isFound)
        change(place) { $0.depart(departure) }
    }

    mutating func departure(_ cause: Cause, isFound: Bool) -> Departure {
        let grace = cause == .logout ? limits.logoutGrace : limits.offlineGrace
        let ends = now.uptime + grace.milliseconds
        return Departure(cause: cause, came: second(), ends: ends, isFound: isFound)
    }

    private mutating func forget(_ place: Place) {
        let device = self[place]
        put(place, behind: nil)
        table.remove(place.id, place.index)
        if table[place.id].isEmpty { crowded.remove(place.id) }
        outcomes.append(.device(.stored(DeviceRecord.Key(user: place.id, name: device.name))))
        outcomes.append(.device(.released(place.id)))
    }

    /// Changes a thing, and notes what the store must learn of it, and when to look at it again.
    mutating func change(_ place: Place, _ body: (inout AdoptedDevice) -> Void) {
        let grace = limits.tellsGraces ? self[place].grace : nil
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
        if limits.tellsGraces { noteGrace(place, since: grace) }
        schedule(place)
    }

    mutating func schedule(_ place: Place) {
        let wake = table.change(place.id, place.index) { [limits] in $0.setWake(limits) } ?? nil
        if let wake {
            outcomes.append(.device(.alarm(.adopted(place.id, self[place].number), at: wake)))
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
        case .gone(let departure, let overruling)?: hide(place, departure, overruling: overruling)
        case .forgotten?: forget(place)
        case .nothing?, nil: schedule(place)
        }
    }
}
