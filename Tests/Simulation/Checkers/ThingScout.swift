/// What a history comes by about plain things.
struct ThingScout: Sendable {
    private var users: Set<String> = []
    private var isRestart = false
    /// How the broker ended, once it is back.
    private var end: Fault?
    private var isBack = false
    /// Whether the bridge serves since.
    private var serves = false
    private var back: Set<String> = []

    init(users: Set<String> = []) { self.users = users }

    mutating func read(_ event: Entry.Event, _ reach: inout Reach) {
        switch event {
        case .plain(let users): self.users = users
        case .quietBegan(.plainRestart): isRestart = true
        case .quietEnded: self = ThingScout(users: users)
        case .fault(let fault) where isRestart: end = fault
        case .brokerStarted: isBack = isRestart
        case .bridgeServes: serves = isBack
        case .stated(let user, _, _, _, let speaker) where isRestart && users.contains(user):
            hear(user, speaker, &reach)
        case .status(let user, let status?) where isBack && users.contains(user):
            if status.cause == "restart" { reach.note(.plainLost) }
        default: break
        }
    }

    private mutating func hear(_ user: String, _ speaker: Entry.Speaker, _ reach: inout Reach) {
        if speaker == .will, end == .brokerStopped { reach.note(.plainWill) }
        guard speaker == .device, isBack, back.insert(user).inserted else { return }
        guard !serves else { return reach.note(.plainAfter) }
        switch end {
        case .brokerStopped?: reach.note(.plainFirstInOrder)
        case .brokerKilled?: reach.note(.plainFirstKilled)
        case .brokerEmptied?: reach.note(.plainFirstEmptied)
        default: break
        }
    }
}
