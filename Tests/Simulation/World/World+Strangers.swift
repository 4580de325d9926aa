import PresenceCore

extension Plan {
    /// The strangers of this run, most often none.
    func strangers(_ agenda: Agenda, _ broker: SimulatedBroker) -> [SimulatedClient] {
        guard let strangers else { return [] }
        return (1...strangers.count).map { number in
            SimulatedClient(
                user: "s\(number)",
                device: "d1",
                isOld: isOldBroker,
                hiding: hiding,
                agenda: agenda,
                broker: broker,
                dice: Dice(seed: seed, part: "stranger \(number)")
            )
        }
    }
}

extension World {
    /// Within how long all are to be there, in milliseconds.
    private static let promised: Int64 = 15_000

    /// Lets many users come at one go of whom nothing is known, and to whom the bridge does not listen.
    ///
    /// It stands still, or is cut off, and the broker's queue for it holds less than what is retained:
    /// every reading is cut, until all are there. Then the bridge goes on as it is, and nobody gets lost.
    func cutReadings() {
        guard let bridge, let plan = plan.strangers else { return }
        var dice = Dice(seed: self.plan.seed, part: "season of strangers")
        let devices = broker.retained.keys.filter { $0.hasPrefix("presence/device/") }.count
        let room = (devices + plan.count) * plan.room / 100
        note(.readingsCut)
        let begun = agenda.now.uptime
        broker.options.slowReader = SimulatedBrokerOptions.SlowReader(
            prefix: Self.bridgeID + "-",
            socketBuffer: room / 2,
            maxQueued: room - room / 2
        )
        let isCutOff = dice.chance(30)
        if isCutOff {
            note(.bridgePartitioned)
            bridge.transport?.isSwallowed = true
        } else {
            bridge.pause()
        }
        for stranger in strangers {
            stranger.word = "online"
            stranger.connect()
        }
        agenda.pass(dice.number(1_500...5_000))
        if isCutOff {
            bridge.transport?.isSwallowed = false
            bridge.transport?.cut()
        } else {
            bridge.resume()
        }
        truth.troubled(begun...agenda.now.uptime + 2_000)
        agenda.pass(Self.promised + (self.plan.sharing?.lease ?? 0))
        rest()
        agenda.pass(self.plan.calm)
        rest()
        broker.options.slowReader = nil
    }
}
