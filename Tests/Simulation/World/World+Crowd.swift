import PresenceCore

extension World {
    /// The user of the crowd, whom nobody names in requests.
    static let crowdUser = "crowd"

    /// Everybody in the crowd comes, one after the other; then their connections break at once, and
    /// they are back before any grace is over, though the rate lets most of them wait for longer.
    func cutCrowd() {
        var dice = Dice(seed: plan.seed, part: "crowd")
        // Their wills and births are many for a short queue, and none is to be dropped.
        broker.options.maxQueued = 1_000
        for client in crowd {
            client.word = "online"
            client.connect()
            agenda.pass(Self.crowdPace)
        }
        for _ in 0..<dice.count(1...3) {
            note(.userCut)
            for client in crowd {
                client.crash()
                agenda.after(dice.number(0...400)) { [weak client] in client?.connect() }
            }
            agenda.pass(dice.number(1_500...20_000))
        }
        agenda.pass(plan.calm)
        heal()
        rest()
    }

    /// How long the next one of the crowd waits, in milliseconds: as the lowest rate has it.
    private static let crowdPace: Int64 = 1_000
}
