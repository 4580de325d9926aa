import Presence

/// What a connection and a restart of the broker make of things.
extension AdoptedThings {
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

    /// The broker has restarted: returns how many things must speak again.
    mutating func suspectAll() -> Int {
        gateways.suspectAll(known)
        var count = 0
        for id in table.all {
            for index in table[id].indices where table[id][index].shown != nil {
                let place = Place(id: id, index: index)
                let isAsleep = self[place].isAsleep(at: now)
                if self[place].hasSpoken(known) || (isAsleep && known.kept != .older) {
                    change(place) { [known] in $0.epoch = known.epoch }
                } else if !isAsleep {
                    count += 1
                    let grace = self[place].grace
                    update(place) { $0.suspend() }
                    if limits.tellsGraces { noteGrace(place, since: grace, isRestart: true) }
                }
            }
        }
        return count
    }

    /// The grace after a restart of the broker is over.
    mutating func giveUpSuspects() {
        if giveUpNext.isEmpty {
            for gateway in gateways.giveUp(known) { settleThings(of: gateway) }
            giveUpNext = table.all[...]
        }
        var given = 0
        while let id = giveUpNext.first, given < Self.sweep {
            giveUpNext.removeFirst()
            for index in table[id].indices {
                let place = Place(id: id, index: index)
                let device = self[place]
                guard device.shown != nil, device.isDoubtful(known), !device.isAsleep(at: now)
                else { continue }
                given += 1
                hide(
                    place,
                    Departure(cause: .restart, came: device.heard, ends: now.uptime),
                    overruling: .restart
                )
            }
        }
        if !giveUpNext.isEmpty {
            outcomes.append(.device(.alarm(.adoptedSuspects, at: now.uptime + 1)))
        }
    }
}
