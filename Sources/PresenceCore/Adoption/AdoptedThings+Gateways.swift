import Presence

/// The gateways that things stand behind, and what follows from their words.
extension AdoptedThings {
    /// A thing stands behind a gateway, or behind none.
    ///
    /// - Parameter isNews: Whether the store does not know it.
    mutating func put(_ place: Place, behind key: String?, isNews: Bool = true) {
        let number = key.map { gateways.number(of: $0, epoch: firstEpoch) } ?? 0
        let device = self[place]
        guard number != device.gateway else { return }
        let thing = GatewayTable.Thing(user: place.id, number: device.number)
        gateways.remove(thing, from: device.gateway)
        gateways.add(thing, to: number)
        if device.heard > 0, device.connection == 0 { gateways.learn(device.epoch, of: number) }
        guard isNews else { return update(place) { $0.gateway = number } }
        change(place) { $0.gateway = number }
    }

    /// A thing has said which gateway it stands behind: it counts as what both say together.
    mutating func hang(_ place: Place, behind key: String?) {
        put(place, behind: key)
        update(place) { $0.awaitsGateway = false }
        guard self[place].heard > 0 else { return }
        believe(place)
        // A gone word that may be an old copy waits for the thing, whatever else is found of that.
        let device = self[place]
        guard device.wouldShow || !device.isDoubtful(known) else { return }
        settle(place, isLive: false)
    }

    /// What is known of a thing counts if its gateway has spoken since the restart of the broker.
    mutating func believe(_ place: Place) {
        let device = self[place]
        guard device.isDoubtful(known), gateways.isBack(device.gateway, known) else { return }
        change(place) { [known] in $0.believe(in: known.epoch, at: known.now) }
    }

    /// Which gateway it stands behind is still to be found.
    mutating func awaitGateway(of place: Place) {
        update(place) { $0.awaitsGateway = true }
        awaiting.append(GatewayTable.Thing(user: place.id, number: self[place].number))
    }

    /// What a gateway says, or what was found on its topic.
    enum Word: Sendable {
        case comes
        case begins(session: Int64?)
        case goes(Cause)
        case ends(session: Int64?)
    }

    /// A gateway is a thing, too: what the store knows of the thing, the gateway has said.
    mutating func learn(of device: Name, _ id: UserID?, isGateway key: String) {
        guard let place = place(of: device, id), self[place].heard > 0 else { return }
        gateways.learn(self[place].epoch, of: gateways.number(of: key, epoch: firstEpoch))
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
        // What is found and was not there when this connection found it first was said since.
        let isNewer = isFound && gateways.finds(comes, of: number, known)
        if isFound, !isNewer, gateways.isDoubtful(number, known),
            !isProven(comes ? .online : .lost, spokenIn: gateways.epoch(of: number))
        {
            return true
        }
        if comes {
            if gateways.isGoing(number) { noteGraceEnd(ofGateway: key, .isThere) }
            if gateways.come(number, known, isFound: isFound) { settleThings(of: number) }
            if case .begins = word { awaitRebirths(of: number) }
        } else {
            let departure = departure(cause, isFound: isFound)
            if gateways.go(number, departure, known, isFound: isFound) {
                noteGrace(ofGateway: key, departure)
                outcomes.append(.device(.alarm(.adoptedGateway(number), at: departure.ends)))
            }
        }
        return true
    }

    /// A gateway has come or gone: its things go with it, at once and together, or are believed again.
    mutating func settleThings(of number: GatewayNumber) {
        for thing in gateways.things(of: number) {
            guard let index = table.index(of: thing.number, of: thing.user) else { continue }
            let place = Place(id: thing.user, index: index)
            let device = self[place]
            switch gateways.standing(of: device.gateway) {
            case .gone where device.startsAnew:
                settle(place, isLive: false)
                update(place) { $0.note(.lost) }
                continue
            case .there: believe(place)
            default: break
            }
            settle(place, isLive: false)
        }
    }

    /// A gateway has begun a session: of its things those go that must speak anew and do not.
    ///
    /// It may have come back so soon that its end was none of theirs.
    private mutating func awaitRebirths(of number: GatewayNumber) {
        let grace = max(limits.offlineGrace.milliseconds, Self.rebirth)
        let ends = now.uptime + grace
        for thing in gateways.things(of: number) {
            guard let index = table.index(of: thing.number, of: thing.user) else { continue }
            let place = Place(id: thing.user, index: index)
            guard self[place].startsAnew, self[place].shown != nil else { continue }
            let departure = Departure(cause: .lost, came: second(), ends: ends)
            change(place) { $0.mustSpeak(departure) }
        }
    }

    /// An alarm of a gateway went off.
    mutating func passAlarm(_ number: GatewayNumber) {
        if known.isUncertain, gateways.mayBeRestart(number) {
            return outcomes.append(.device(.alarm(.adoptedGateway(number), at: now.uptime + 1_000)))
        }
        let key = gateways.key(of: number)
        guard gateways.pass(number, at: now) else { return }
        if let key { noteGraceEnd(ofGateway: key, .isGone) }
        settleThings(of: number)
    }
}
