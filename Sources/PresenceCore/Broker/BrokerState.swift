import Presence

/// What is known of the broker, and how far the devices have come back after its restart.
struct BrokerState: Sendable {
    /// How many suspects are dealt with in one go.
    static let sweepLength = 1_000
    /// How long it may stay open whether the broker has restarted, in milliseconds: by then it
    /// has published its uptime.
    static let uncertainty: Int64 = 15_000
    /// How long the suspects wait for a broker that does not keep up, in milliseconds.
    static let breather: Int64 = 100
    /// How long the verdicts on the suspects may take to reach the broker, in milliseconds.
    ///
    /// Until then a birth that is found may be one of a device that was given up: a crash in
    /// between must not bring it back.
    static let settling: Int64 = 10_000

    /// Since when it runs.
    var watch = BrokerWatch()
    /// Rises with every restart.
    var epoch: Int64 = 1
    /// Whether every device that was online has spoken since, or was given up.
    var isSettled = true
    /// Whether a restart was found at this connection.
    var hasRestarted = false
    /// What the broker had kept when it was last restarted.
    var kept = KeptCopy.older
    /// What was found of the bridge's own state at this connection, and of the mark beside it.
    var foundState: [UInt8]?
    var foundMark: Int64?
    /// The mark that was left at this connection.
    var mark: Int64?
    /// The highest mark that has come back from the broker; 0 for none.
    var provenMark: Int64 = 0
    /// What that was when this connection was made.
    var markBefore: Int64 = 0
    /// When the suspects' grace ends, in milliseconds of uptime.
    var suspectsEnd: Int64?
    /// Where asking the suspects is.
    var askNext: UserID = 1
    /// Where giving up the suspects is.
    var giveUpNext: UserID = 1
    /// When all suspects had been given up, in milliseconds of uptime.
    var gaveUpAt: Int64?
    /// The second that was told as that of the bridge's last start.
    var lastStart: Int64 = 0
    /// Until when at most it is open whether the broker has restarted, in milliseconds of uptime.
    var uncertainUntil: Int64?
    /// Devices whose going waits for that.
    var postponed: Set<Ledger.DeviceEntry> = []
    /// The second up to which the store knows that time was told.
    var clockStored: Int64 = 0
}

extension PresenceCore {
    /// What is stored of the broker.
    var brokerRecord: BrokerRecord {
        BrokerRecord(
            started: broker.watch.started,
            epoch: broker.epoch,
            isSettled: broker.isSettled,
            clock: clock.latest,
            lastStart: broker.lastStart,
            kept: broker.kept,
            mark: broker.provenMark,
            markedTopic: broker.provenMark > 0 ? ownTopic : nil
        )
    }

    mutating func learn(
        uptime: Int64,
        isRetained: Bool,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard limits.watchesBrokerRestart, phase != .away else { return }
        let finding = broker.watch.learn(
            uptime: uptime,
            isRetained: isRetained,
            unixSecond: now.second
        )
        switch finding {
        case .same: break
        case .learnt: ledger.isBrokerDue = true
        case .restarted: restart(at: now, into: &effects)
        case .uncertain: awaitUptime(at: now)
        }
        if !isRetained { becomeCertain(at: now) }
    }

    /// It is open whether the broker has restarted: its next uptime tells.
    mutating func awaitUptime(at now: Instant) {
        broker.uncertainUntil = now.uptime + BrokerState.uncertainty
        alarms.set(.certainty, at: now.uptime + BrokerState.uncertainty)
    }

    /// It is known whether the broker has restarted: what was found on topics counts, or not.
    mutating func becomeCertain(at now: Instant) {
        broker.uncertainUntil = nil
        for entry in broker.postponed.sorted() {
            guard directory.name(of: entry.user) != nil,
                let index = roster[entry.user].index(of: entry.device)
            else { continue }
            schedule(entry.user, index)
        }
        broker.postponed = []
    }

    /// The broker has restarted: every device that was online must speak again, and until then
    /// nothing that is found on a topic proves anything.
    private mutating func restart(at now: Instant, into effects: inout [Effect]) {
        broker.kept = keptCopy
        broker.epoch += 1
        broker.isSettled = false
        broker.hasRestarted = true
        ledger.isBrokerDue = true
        var suspects = 0
        for id in 1..<max(1, roster.end) {
            for index in roster[id].devices.indices where roster[id, index].shown != nil {
                if hasSpokenSince(roster[id, index]) {
                    roster[id, index].epoch = broker.epoch
                    roster[id, index].isTakenAtWord = roster[id, index].connection != connection
                    ledger.devices.insert(
                        .init(user: id, device: roster[id, index].name)
                    )
                    continue
                }
                suspects += 1
                roster[id, index].suspend()
            }
        }
        let grace = "\(limits.brokerRestartGrace.milliseconds / 1_000) s to announce"
        let waiting =
            switch suspects {
            case 0: "no device has to announce itself"
            case 1: "1 device has \(grace) itself"
            default: "\(suspects) devices have \(grace) themselves"
            }
        effects.append(
            .log(
                .notice,
                "the broker has restarted and kept \(broker.kept.words): epoch \(broker.epoch), "
                    + waiting
            )
        )
        if phase == .serving {
            turn.serves = true
            watchSuspects(at: now)
        }
    }

    /// Whether what was found on a device's topic may be a copy from before the restart.
    func isDoubtful(_ device: Device?) -> Bool {
        isDoubtful(epoch: device?.epoch ?? 0)
    }

    /// Whether what was found on the topic of a device that spoke in an epoch may be such a copy.
    func isDoubtful(epoch: Int64) -> Bool {
        !broker.isSettled && epoch < broker.epoch
    }

    mutating func watchSuspects(at now: Instant) {
        let grace = limits.brokerRestartGrace.milliseconds
        broker.suspectsEnd = now.uptime + grace
        broker.askNext = 1
        broker.giveUpNext = 1
        broker.gaveUpAt = nil
        turn.asksForStated = true
        alarms.set(.suspectsAsked, at: now.uptime + grace / 2)
        alarms.set(.suspectsEnd, at: now.uptime + grace)
    }

    /// At half of the grace, asks each device that has not spoken yet, be it taken at its word or not:
    /// what it says to that is newer in any case.
    mutating func askSuspects(at now: Instant) {
        guard !broker.isSettled, let ends = broker.suspectsEnd,
            now.uptime >= ends - limits.brokerRestartGrace.milliseconds / 2
        else { return }
        guard !telling.isCongested else {
            alarms.set(.suspectsAsked, at: now.uptime + BrokerState.breather)
            return
        }
        // Its first answer may have been dropped.
        if broker.askNext == 1, hasSuspects { turn.asksForStated = true }
        var asked = 0
        while broker.askNext < roster.end, asked < BrokerState.sweepLength {
            let id = broker.askNext
            broker.askNext += 1
            for device in roster[id].devices where isSuspect(device) || device.isTakenAtWord {
                turn.replies.append(announcement(directory[id], device.name))
                asked += 1
            }
        }
        if broker.askNext < roster.end { alarms.set(.suspectsAsked, at: now.uptime + 1) }
    }

    /// When the grace is over, gives up each device that has not spoken.
    mutating func giveUpSuspects(at now: Instant, into effects: inout [Effect]) {
        guard !broker.isSettled, let ends = broker.suspectsEnd, now.uptime >= ends else { return }
        guard readings.full == nil else {
            // What comes now may be old: the reading's end gives the suspects another chance.
            alarms.set(.suspectsEnd, at: now.uptime + 1_000)
            return
        }
        guard !telling.isCongested else {
            alarms.set(.suspectsEnd, at: now.uptime + BrokerState.breather)
            return
        }
        var given = 0
        while broker.giveUpNext < roster.end, given < BrokerState.sweepLength {
            let id = broker.giveUpNext
            broker.giveUpNext += 1
            // By name: giving one up may drop another that has been away for longest.
            for name in roster[id].devices.filter(isSuspect).map(\.name) {
                // Who has spoken, and waits for the rate alone, is there.
                guard !releaseHeld(directory[id], name, at: now),
                    let index = roster[id].index(of: name)
                else { continue }
                giveUp(id, index, at: now)
                given += 1
            }
        }
        if broker.giveUpNext < roster.end {
            alarms.set(.suspectsEnd, at: now.uptime + 1)
            return
        }
        guard let gaveUpAt = broker.gaveUpAt else {
            broker.gaveUpAt = now.uptime
            alarms.set(.suspectsEnd, at: now.uptime + BrokerState.settling)
            effects.append(.log(.notice, "the grace after the restart of the broker is over"))
            return
        }
        guard now.uptime >= gaveUpAt + BrokerState.settling else { return }
        // An older copy may have been found meanwhile, before what corrects it had arrived.
        guard !hasSuspects else {
            broker.giveUpNext = 1
            broker.gaveUpAt = nil
            return giveUpSuspects(at: now, into: &effects)
        }
        broker.isSettled = true
        broker.suspectsEnd = nil
        ledger.isBrokerDue = true
    }

    /// While everything was read again, or nobody listened, the word of a suspect could not be
    /// told from an old copy: each is asked again, and has half of the grace at least.
    mutating func askSuspectsAgain(at now: Instant) {
        guard !broker.isSettled, let ends = broker.suspectsEnd else { return }
        let end = max(ends, now.uptime + limits.brokerRestartGrace.milliseconds / 2)
        broker.suspectsEnd = end
        broker.askNext = 1
        broker.giveUpNext = 1
        broker.gaveUpAt = nil
        turn.asksForStated = true
        alarms.set(.suspectsAsked, at: now.uptime)
        alarms.set(.suspectsEnd, at: end)
    }

    private func isSuspect(_ device: Device) -> Bool {
        device.isHeld || (device.shown != nil && device.epoch < broker.epoch)
    }

    private var hasSuspects: Bool {
        (1..<max(1, roster.end)).contains { roster[$0].devices.contains(where: isSuspect) }
    }

    private mutating func giveUp(_ id: UserID, _ index: Int, at now: Instant) {
        let device = roster[id, index]
        guard device.shown != nil else {
            // The topic held an older copy: what is known is put back.
            if device.isKnown {
                roster[id, index].dropHeld()
                putBack(id, index)
            } else {
                forget(id, index, clears: true)
            }
            return
        }
        if device.held?.status == .offline {
            let departure = Departure(cause: .logout, came: device.heard, ends: now.uptime)
            hide(id, index, departure, verdict: Statement(.offline), at: now)
        } else {
            let departure = Departure(cause: .restart, came: device.heard, ends: now.uptime)
            hide(id, index, departure, verdict: Statement(.lost, cause: .restart), at: now)
        }
    }

    func announcement(_ user: Name, _ device: Name) -> Reply {
        Reply(topic: topics.response(user, device), payload: Answer.announce)
    }
}
