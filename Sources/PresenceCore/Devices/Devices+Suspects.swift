import Presence

/// Who must speak after a restart of the broker.
struct Suspects: Hashable, Sendable {
    /// How many suspects are dealt with in one go.
    static let sweepLength = 1_000
    /// How long the suspects wait for a broker that does not keep up, in milliseconds.
    static let breather: Int64 = 100
    /// How long the verdicts on the suspects may take to reach the broker, in milliseconds.
    ///
    /// Until then a birth that is found may be one of a device that was given up: a crash in
    /// between must not bring it back.
    static let settling: Int64 = 10_000

    /// When the suspects' grace ends, in milliseconds of uptime.
    var end: Int64?
    /// Where asking the suspects is.
    var askNext: UserID = 1
    /// Where giving up the suspects is.
    var giveUpNext: UserID = 1
    /// When all suspects had been given up, in milliseconds of uptime.
    var gaveUpAt: Int64?
}

/// How the devices come back after a restart of the broker.
extension Devices {
    /// The broker has restarted: every device that was online must speak again, and until then
    /// nothing that is found on a topic proves anything.
    ///
    /// Returns how many must.
    mutating func suspectAll() -> Int {
        var count = 0
        for id in table.all {
            for index in table[id].indices where table[id, index].shown != nil {
                guard known.hasSpoken(table[id, index]) else {
                    count += 1
                    let before = limits.tellsGraces ? table[id, index].grace : nil
                    table[id, index].suspend()
                    if limits.tellsGraces {
                        noteGrace(id, index, since: before, isRestart: true)
                    }
                    continue
                }
                table[id, index].epoch = known.epoch
                table[id, index].isTakenAtWord = table[id, index].connection != known.connection
                outcomes.append(
                    .device(.stored(DeviceRecord.Key(user: id, name: table[id, index].name)))
                )
            }
        }
        return count
    }

    mutating func watchSuspects() {
        let grace = limits.brokerRestartGrace.milliseconds
        awaitSuspects(askingAt: now.uptime + grace / 2, until: now.uptime + grace)
    }

    private mutating func awaitSuspects(askingAt time: Int64, until end: Int64) {
        suspects = Suspects(end: end)
        outcomes.append(.asksForStated)
        outcomes.append(.device(.alarm(.suspectsAsked, at: time)))
        outcomes.append(.device(.alarm(.suspectsEnd, at: end)))
    }

    /// A connection was read to its end.
    mutating func resumeSuspects(hasRestarted: Bool) {
        if !hasRestarted, suspects.end != nil {
            askSuspectsAgain()
        } else if !known.isSettled {
            watchSuspects()
        }
    }

    /// At half of the grace, asks each device that has not spoken yet, be it taken at its word or not:
    /// what it says to that is newer in any case.
    mutating func askSuspects(isCongested: Bool, _ names: Names) {
        guard !known.isSettled, let end = suspects.end,
            now.uptime >= end - limits.brokerRestartGrace.milliseconds / 2
        else { return }
        guard !isCongested else {
            outcomes.append(.device(.alarm(.suspectsAsked, at: now.uptime + Suspects.breather)))
            return
        }
        // Its first answer may have been dropped.
        if suspects.askNext == 1, hasSuspects { outcomes.append(.asksForStated) }
        var asked = 0
        while suspects.askNext < table.end, asked < Suspects.sweepLength {
            let id = suspects.askNext
            suspects.askNext += 1
            for device in table[id] where known.isSuspect(device) || device.isTakenAtWord {
                ask(names[id], device.name)
                asked += 1
            }
        }
        if suspects.askNext < table.end {
            outcomes.append(.device(.alarm(.suspectsAsked, at: now.uptime + 1)))
        }
    }

    /// While everything was read again, or nobody listened, the word of a suspect could not be
    /// told from an old copy: each is asked again, and has half of the grace at least.
    mutating func askSuspectsAgain() {
        guard !known.isSettled, let before = suspects.end else { return }
        let end = max(before, now.uptime + limits.brokerRestartGrace.milliseconds / 2)
        awaitSuspects(askingAt: now.uptime, until: end)
    }

    /// When the grace is over, gives up each device that has not spoken.
    mutating func giveUpSuspects(isCongested: Bool, _ names: inout Names) {
        guard !known.isSettled, let end = suspects.end, now.uptime >= end else { return }
        guard known.full == nil else {
            // What comes now may be old: the reading's end gives the suspects another chance.
            outcomes.append(.device(.alarm(.suspectsEnd, at: now.uptime + 1_000)))
            return
        }
        guard !isCongested else {
            outcomes.append(.device(.alarm(.suspectsEnd, at: now.uptime + Suspects.breather)))
            return
        }
        var given = 0
        while suspects.giveUpNext < table.end, given < Suspects.sweepLength {
            let id = suspects.giveUpNext
            let all = table[id].filter(known.isSuspect).map(\.name)
            let batch = all.prefix(Suspects.sweepLength - given)
            given += batch.count
            // A user may have more than one sweep takes: then it is next again.
            if batch.count == all.count { suspects.giveUpNext += 1 }
            // By name: giving one up may drop another that has been away for longest.
            var place = 0
            for name in batch {
                // Who has spoken, and waits for the rate alone, is there.
                guard !release(names[id], name, &names),
                    let index = table.index(of: name, of: id, from: place)
                else { continue }
                place = index
                giveUp(id, index, names)
            }
        }
        if suspects.giveUpNext < table.end {
            outcomes.append(.device(.alarm(.suspectsEnd, at: now.uptime + 1)))
            return
        }
        guard let gaveUpAt = suspects.gaveUpAt else {
            suspects.gaveUpAt = now.uptime
            outcomes.append(.device(.alarm(.suspectsEnd, at: now.uptime + Suspects.settling)))
            outcomes.append(.suspectsGivenUp)
            return
        }
        guard now.uptime >= gaveUpAt + Suspects.settling else { return }
        // An older copy may have been found meanwhile, before what corrects it had arrived.
        guard !hasSuspects else {
            suspects.giveUpNext = 1
            suspects.gaveUpAt = nil
            return giveUpSuspects(isCongested: isCongested, &names)
        }
        suspects = Suspects()
        outcomes.append(.suspectsSettled)
    }

    private var hasSuspects: Bool {
        table.all.contains { table[$0].contains(where: known.isSuspect) }
    }

    private mutating func giveUp(_ id: UserID, _ index: Int, _ names: Names) {
        let device = table[id, index]
        guard device.shown != nil else {
            // The topic held an older copy: what is known is put back.
            guard device.isKnown else { return forget(id, index, clears: true, names) }
            table[id, index].unproven = nil
            return putBack(id, index, names)
        }
        let isLogout = device.unproven?.status == .offline
        let cause = isLogout ? Cause.logout : .restart
        let departure = Departure(cause: cause, came: device.heard, ends: now.uptime)
        let verdict = isLogout ? Statement(.offline) : Statement(.lost, cause: .restart)
        hide(id, index, departure, verdict: verdict, names)
    }
}

/// What the broker's plugin knows better than anything that is concluded: on which device topics
/// something was stated since the broker's start.
///
/// It is asked when the suspects' grace begins, so after everything was read. A topic that it names was
/// written after the start, and the bridge has found or heard what was written: no copy from before it.
/// Of what it does not name nothing follows, since it may not be there, or not know all.
extension Devices {
    /// Takes the devices at their word that the plugin names.
    mutating func believe(_ stated: [DeviceKey], _ names: inout Names) {
        guard !known.isSettled else { return }
        for key in stated { believe(key, &names) }
    }

    /// Takes a device at the word that was found on its topic at this connection, if that was its own.
    private mutating func believe(_ key: DeviceKey, _ names: inout Names) {
        guard let id = names.id(of: key.user), let index = table.index(of: key.device, of: id)
        else { return }
        let device = table[id, index]
        // In doubt is what the bridge has since written over.
        guard isDoubtful(device), !device.isFoundOwn, !device.isInDoubt,
            known.connectionReading > 0, device.reading >= known.connectionReading
        else { return }
        let found = device.unproven ?? device.statement
        // A will has the long grace after a restart, whenever it came.
        guard found.status.isOnline || found.status == .invisible else { return }
        guard device.unproven != nil else {
            if device.shown != nil { trust(id, index) }
            return
        }
        var report = Report(
            user: key.user,
            device: key.device,
            payload: found.payload,
            reading: device.reading
        )
        report.isProven = true
        outcomes.append(.device(.mended))
        hear(found, report, &names)
    }
}
