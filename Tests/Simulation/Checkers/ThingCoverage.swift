/// What a history comes by about plain things.
struct ThingCoverage: Sendable {
    private var users: Set<String> = []
    private var isRestart = false
    /// How the broker ended, once it is back.
    private var end: Fault?
    private var isBack = false
    /// Whether the bridge serves since.
    private var serves = false
    private var back: Set<String> = []

    init(users: Set<String> = []) { self.users = users }

    mutating func read(_ event: Entry.Event, _ coverage: inout Coverage) {
        switch event {
        case .plain(let users): self.users = users
        case .quietBegan(.plainRestart): isRestart = true
        case .quietEnded: self = ThingCoverage(users: users)
        case .fault(let fault) where isRestart: end = fault
        case .brokerStarted: isBack = isRestart
        case .bridgeServes: serves = isBack
        case .stated(let user, _, _, _, let speaker) where isRestart && users.contains(user):
            hear(user, speaker, &coverage)
        case .status(let user, let status?) where isBack && users.contains(user):
            if status.cause == "restart" { coverage.note(.plainLost) }
        default: break
        }
    }

    private mutating func hear(_ user: String, _ speaker: Entry.Speaker, _ coverage: inout Coverage)
    {
        if speaker == .will, end == .brokerStopped { coverage.note(.plainWill) }
        guard speaker == .device, isBack, back.insert(user).inserted else { return }
        guard !serves else { return coverage.note(.plainAfter) }
        switch end {
        case .brokerStopped?: coverage.note(.plainFirstInOrder)
        case .brokerKilled?: coverage.note(.plainFirstKilled)
        case .brokerEmptied?: coverage.note(.plainFirstEmptied)
        default: break
        }
    }
}
