/// What a history comes by about adopted things.
struct AdoptedCoverage: Sendable {
    private var things: [AdoptedThing] = []
    /// The topics that say that their thing is there.
    private var present: Set<String> = []
    /// Those that said so, and then that it has gone, of which nothing was told yet.
    private var leaving: Set<String> = []
    /// Those whose things went with their gateway, and have said nothing since.
    private var goneWithGateway: Set<String> = []
    private var shown: [String: [String: String]] = [:]
    /// Whether a restart of the broker in a season of their own is under way, whether that is back, and whether the
    /// bridge serves since.
    private var (isRestart, isBack, serves) = (false, false, false)
    private var back: Set<String> = []

    mutating func read(_ event: Entry.Event, _ coverage: inout Coverage) {
        switch event {
        case .adopted(let things): self.things = things
        case .published(let seen): hear(seen, &coverage)
        case .status(let user, let status): tell(user, status, &coverage)
        case .quietBegan(.plainRestart):
            (isRestart, isBack, serves) = (true, false, false)
            back = []
        case .quietEnded: isRestart = false
        case .brokerStarted: isBack = isRestart
        case .bridgeServes: serves = isBack
        default: break
        }
    }

    private mutating func hear(_ seen: AdoptedSeen, _ coverage: inout Coverage) {
        let topic = seen.thing.topic
        switch seen.saying {
        case .on:
            if leaving.remove(topic) != nil { coverage.note(.adoptedFlap) }
            present.insert(topic)
            goneWithGateway.remove(topic)
            guard isRestart, isBack, back.insert(topic).inserted else { return }
            coverage.note(serves ? .adoptedAfter : .adoptedFirst)
        case .lost, .ended, .removed:
            if present.remove(topic) != nil { leaving.insert(topic) }
        case .garbage: if present.contains(topic) { coverage.note(.adoptedGarbage) }
        case .sleeps, .alive: break
        }
    }

    private mutating func tell(_ user: String, _ status: StatusSeen?, _ coverage: inout Coverage) {
        let before = shown[user] ?? [:]
        shown[user] = status?.devices
        for thing in things where thing.user == user {
            let (was, now) = (before[thing.device], status?.devices[thing.device])
            if was == nil, now != nil, goneWithGateway.remove(thing.topic) != nil {
                coverage.note(.backWithGateway)
            }
            if thing.sleeps != nil, was != "sleeping", now == "sleeping" {
                coverage.note(.adoptedSleeps)
            }
            guard was != nil, now == nil else { continue }
            leaving.remove(thing.topic)
            if thing.gateway != nil, present.contains(thing.topic), status?.cause == "lost" {
                goneWithGateway.insert(thing.topic)
                coverage.note(.goneWithGateway)
            }
            if thing.sleeps != nil, was == "sleeping" { coverage.note(.adoptedOverslept) }
            switch status?.cause {
            case "logout": coverage.note(.adoptedLogout)
            case "lost": coverage.note(.adoptedLost)
            case "ttl": coverage.note(.adoptedTTL)
            case "restart": coverage.note(.adoptedRestart)
            default: break
            }
        }
    }
}
