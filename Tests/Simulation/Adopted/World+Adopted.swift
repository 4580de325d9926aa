import Mosquitto
import Presence
import PresenceCore

extension Plan {
    /// The programs of this run whose things are adopted.
    func sources(_ agenda: Agenda, _ broker: SimulatedBroker) -> [AdoptedSource] {
        (adopted?.sources ?? []).map { source in
            AdoptedSource(
                source.program,
                source.name,
                source.things,
                agenda: agenda,
                broker: broker,
                dice: Dice(seed: seed, part: "adopted \(source.program) \(source.name)")
            )
        }
    }
}

extension World {
    /// Lets a program live until a time.
    func live(_ source: AdoptedSource, _ walk: AdoptedWalk, until end: Int64) {
        agenda.after(source.dice.number(10...plan.pace)) { [weak self, weak source] in
            guard let self, let source, agenda.now.uptime < end else { return }
            walk.act(source)
            live(source, walk, until: end)
        }
    }

    /// Writes down what came on an adopted topic, and tells the oracle.
    func witness(adopted message: Message, by clientID: String, isWill: Bool) {
        if clientID.hasPrefix(Self.bridgeID + "-"), !message.topic.hasPrefix("$") {
            return note(.wroteElsewhere(topic: message.topic))
        }
        guard let thing = adopted.thing(of: message.topic),
            let saying = adopted.hear(
                message.topic,
                message.payload,
                isRetained: message.retain,
                at: agenda.now.uptime
            )
        else { return }
        note(
            .published(
                AdoptedSeen(
                    thing,
                    saying,
                    isRetained: message.retain,
                    by: isWill ? .will : .device
                )
            )
        )
    }

    /// Tells the oracle what the broker has kept of what was said.
    func tellAdoptedOfStart(wasKilled: Bool) {
        guard plan.adopted != nil else { return }
        let state = broker.retained["presence/bridge/\(servingID)"]?.payload ?? []
        let isOnline = String(decoding: state, as: UTF8.self).contains(#""state":"online""#)
        adopted.brokerStarted(
            wasKilled: wasKilled,
            // By MQTT 3.1.1 the bridge cannot tell its own will from what a broker has kept.
            toldOfEnd: !isOnline || plan.isOldBroker
        ) { broker.retained[$0]?.payload }
    }

    /// Whoever sleeps wakes up where the clock was set: nobody could say when that would be else.
    func wakeSleepers() {
        guard plan.faults.contains(.clockStepped) else { return }
        for source in sources where source.sleepsUntil != nil { source.connect() }
    }

    // MARK: - A season of their own

    /// The broker is started again: programs are back before the bridge, after it, or never, and of those that are
    /// back nothing is told.
    func liveWithAdopted() {
        guard !sources.isEmpty, bridge != nil else { return }
        var dice = Dice(seed: plan.seed, part: "season of what is adopted")
        // One that sleeps says until when, and that stands there when it is awake before its time.
        let settled = sources.filter { $0.program != .cell }
        note(.plain(users: Set(settled.flatMap(\.things).map(\.user))))
        for source in sources {
            // No other word follows its birth.
            source.word = source.program.birth
            source.say(source.word)
            source.connect()
        }
        // None of them is a ghost of an earlier season.
        for thing in things { thing.connect() }
        agenda.pass(plan.calm)
        rest()
        let season = ThingsSeason(plan, &dice)
        note(.quietBegan(.plainRestart))
        endBroker(season, &dice)
        for source in sources where dice.chance(25) { source.crash() }
        agenda.pass(season.brokerAway)
        startBroker()
        let end = agenda.now.uptime + plan.calm
        for source in sources where dice.chance(30) { repeatWord(of: source, until: end) }
        if season.isBridgeLate { agenda.pass(season.bridgeAway) }
        let came = season.isBridgeLate ? agenda.now.uptime : nil
        let users = Set(sources.filter(\.program.retainsBirth).map(\.things[0].user))
        adopted.plain(PlainTruth(users: users, end: season.end, bridgeCame: came))
        truth.plain(
            PlainTruth(
                users: Set(things.map(\.user)),
                end: season.end,
                bridgeCame: came,
                isVouched: plan.hasPlugin && !plan.isOldBroker
            )
        )
        endQuiet()
    }

    private func repeatWord(of source: AdoptedSource, until end: Int64) {
        agenda.after(3_000) { [weak self, weak source] in
            guard let self, let source, agenda.now.uptime < end else { return }
            if source.isConnected { source.say(source.word) }
            repeatWord(of: source, until: end)
        }
    }
}
