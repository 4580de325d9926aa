extension Plan {
    /// The receivers of this run's webhooks.
    func receivers(_ agenda: Agenda) -> [SimulatedReceiver] {
        (webhooks?.urls ?? []).map { url in
            SimulatedReceiver(url, agenda: agenda, dice: Dice(seed: seed, part: "receiver \(url)"))
        }
    }
}

extension World {
    /// For how long a receiver is away that is away for long, in milliseconds.
    private static let absence: Int64 = 3_600_000
    /// How long the longest pause between two tries is, and a little more.
    private static let patience: Int64 = 400_000

    /// Lets receivers be well and ill until a time.
    func plagueReceivers(until end: Int64) {
        guard let webhooks = plan.webhooks else { return }
        for receiver in receivers { receiver.live(mayEnd: webhooks.mayEnd, until: end) }
    }

    /// All receivers are well again, but for one that may be away.
    func healReceivers() {
        for receiver in receivers { receiver.mood = .well }
        guard plan.webhooks?.isAwayLong == true, let receiver = receivers.first else { return }
        receiver.mood = .away
        agenda.after(Self.absence) { receiver.mood = .well }
    }

    /// Waits until every receiver has everything, and writes down who wants nothing.
    func restWithReceivers() {
        guard !receivers.isEmpty else { return }
        for receiver in receivers { receiver.mood = .well }
        if bridge == nil {
            startBridge()
            agenda.pass(3_000)
        }
        let isDone = agenda.pass(atMost: Self.patience) { bridge?.couriers.isDone ?? false }
        note(.webhooksRest(isDone: isDone))
    }
}
