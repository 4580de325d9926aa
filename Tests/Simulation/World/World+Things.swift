import PresenceCore

extension Plan {
    /// The plain things of this run, most often none; drawn by dice of their own.
    func things(_ agenda: Agenda, _ broker: SimulatedBroker) -> [SimulatedClient] {
        var dice = Dice(seed: seed, part: "things")
        guard !endsDeserted, dice.chance(60) else { return [] }
        return (1...dice.count(2...4)).map { number in
            SimulatedClient(
                user: "t\(number)",
                device: "d1",
                isOld: isOldBroker || dice.chance(50),
                hiding: hiding,
                isPlain: true,
                agenda: agenda,
                broker: broker,
                dice: Dice(seed: seed, part: "thing \(number)")
            )
        }
    }
}

/// How the season of plain things goes in a run.
struct ThingsSeason {
    let end: PlainTruth.End
    /// Whether the bridge is started later than the broker; otherwise it runs all the time.
    let isBridgeLate: Bool
    /// Whether the bridge ends in order, where it ends.
    let isBridgeStopped: Bool
    /// How long broker and bridge are away, in milliseconds; the bridge from the broker's start on.
    let brokerAway: Int64
    let bridgeAway: Int64

    init(_ plan: Plan, _ dice: inout Dice) {
        end = dice.pick(PlainTruth.End.allCases)
        // Without a grace a bridge that hears the wills of the broker's end tells of them.
        let mustEnd = end == .killedWithoutBridge || (end == .inOrder && plan.hasNoGrace)
        isBridgeLate = dice.chance(70) || mustEnd
        isBridgeStopped = dice.chance(50)
        brokerAway = dice.number(100...5_000)
        bridgeAway = dice.number(50...5_000)
    }

    /// Whether the broker is told of the bridge's end before its own.
    func bridgeGoesFirst(_ plan: Plan) -> Bool {
        end == .killedWithoutBridge || (end == .inOrder && plan.hasNoGrace)
    }
}

extension World {
    /// The season of plain things: they come, the broker is started again, and they are back before
    /// the bridge, after it, or never.
    func liveWithThings() {
        guard !things.isEmpty, bridge != nil else { return }
        var dice = Dice(seed: plan.seed, part: "season of things")
        let users = Set(things.map(\.user))
        note(.plain(users: users))
        for thing in things {
            thing.word = dice.pick(["online", "online", "idle"])
            thing.connect()
        }
        agenda.pass(plan.calm)
        rest()
        let season = ThingsSeason(plan, &dice)
        note(.quietBegan(.plainRestart))
        endBroker(season, &dice)
        for thing in things where dice.chance(25) { thing.wantsLink = false }
        agenda.pass(season.brokerAway)
        startBroker()
        for thing in things where dice.chance(30) { repeatWord(of: thing) }
        if season.isBridgeLate { agenda.pass(season.bridgeAway) }
        truth.plain(
            PlainTruth(
                users: users,
                end: season.end,
                bridgeCame: season.isBridgeLate ? agenda.now.uptime : nil,
                // The bridge does not ask by MQTT 3.1.1.
                isVouched: plan.hasPlugin && !plan.isOldBroker
            )
        )
        endQuiet()
    }

    /// Lets the bridge come, and what was to be quiet be over.
    func endQuiet() {
        isBridgeHeld = false
        startBridge()
        agenda.pass(plan.calm)
        note(.quietEnded)
        rest()
    }

    /// Ends the broker, and the bridge if it is to come back later.
    func endBroker(_ season: ThingsSeason, _ dice: inout Dice) {
        isBridgeHeld = season.isBridgeLate
        if season.bridgeGoesFirst(plan) {
            endBridge(season)
            agenda.pass(dice.number(500...2_000))
        }
        switch season.end {
        case .inOrder: note(.brokerStopped)
        case .killed, .killedWithoutBridge:
            note(.brokerKilled)
            broker.save()
        case .emptied:
            note(.brokerEmptied)
            broker.forgetSaved()
        }
        stopBroker(killing: season.end != .inOrder)
        if season.isBridgeLate, !season.bridgeGoesFirst(plan) { endBridge(season) }
    }

    private func endBridge(_ season: ThingsSeason) {
        if season.isBridgeStopped { bridge?.stop() } else { bridge?.kill() }
    }

    /// Has a thing say its word again and again, as things do that measure something.
    private func repeatWord(of thing: SimulatedClient) {
        agenda.after(3_000) { [weak self, weak thing] in
            guard let self, let thing else { return }
            if thing.wantsLink, let word = thing.word { thing.state(word) }
            repeatWord(of: thing)
        }
    }
}
