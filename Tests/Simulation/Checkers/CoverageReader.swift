import Presence
import PresenceCore

/// Reads a history for what it comes by, and judges nothing.
struct CoverageReader: Sendable {
    /// What was reached.
    private(set) var coverage = Coverage()

    private var devices = DeviceCoverage()
    private var watchers = WatcherCoverage()
    private var things = ThingCoverage()
    private var adopted = AdoptedCoverage()
    private var retained: [String: StatusSeen] = [:]
    /// Users who took their description away themselves.
    private var blank: Set<String> = []
    /// The tags of the requests that are not answered, and of all.
    private var open: Set<String> = []
    private var tags: Set<String> = []
    /// The last change that each webhook's receiver has taken.
    private var hooks: [String: Int64] = [:]
    private var epoch: Int64 = 0
    /// The bridge that had a shared store last.
    private var owner: String?

    /// Reads the next entry.
    mutating func read(_ entry: Entry) {
        let uptime = entry.time.uptime
        things.read(entry.event, &coverage)
        adopted.read(entry.event, &coverage)
        switch entry.event {
        case .fault(let fault): coverage.note(fault)
        case .storeRefused: coverage.note(.storeRefused)
        case .storeTaken(let bridge):
            if let owner, owner != bridge { coverage.note(.storeTakenOver) }
            owner = bridge
        case .storeLost: coverage.note(.storeLost)
        case .bridgeServes(let epoch):
            if self.epoch > 0, epoch > self.epoch { coverage.note(.epochRose) }
            self.epoch = epoch
            devices.serve(at: uptime)
        case .status(let user, let status): note(user, status, at: uptime)
        case .told(let watcher, let tellings, _):
            watchers.hear(watcher, tellings, at: uptime, &coverage)
        case .answered(let answer): note(answer, at: uptime)
        case .asked(let request): note(request)
        case .stated(let user, let device, let payload, _, let speaker):
            devices.hear(user, device, payload, speaker, at: uptime, &coverage)
        case .rest:
            coverage.note(.rest)
            for _ in open { coverage.note(.unanswered) }
            open = []
        case .quietBegan(.bridgeRestart): coverage.note(.quietBridgeRestart)
        case .quietBegan(.brokerRestart): coverage.note(.quietBrokerRestart)
        case .deserted: coverage.note(.deserted)
        case .operatorAnswered(_, let isErasure):
            coverage.note(isErasure ? .operatorErased : .operatorStated)
        case .webhookTook(let seen): note(seen)
        case .webhookEnded: coverage.note(.webhookEnded)
        case .bridgeStarted, .bridgeEnded, .webhooksRest, .operatorCalled, .bridgeCutOff,
            .brokerStarted,
            .brokerEnded, .turn, .wroteBesides,
            .unanswered,
            .adopted, .published, .wroteElsewhere, .stored, .quietEnded, .quietBegan(.plainRestart),
            .plain:
            break
        }
    }

    private mutating func note(_ seen: WebhookSeen) {
        coverage.note(.webhookTold)
        if seen.skipped > 0 { coverage.note(.webhookSkipped) }
        guard let last = seen.changes.last?.id else { return }
        if last <= hooks[seen.url] ?? 0 { coverage.note(.webhookRepeated) }
        hooks[seen.url] = max(last, hooks[seen.url] ?? 0)
    }

    private mutating func note(_ user: String, _ status: StatusSeen?, at uptime: Int64) {
        let before = retained.removeValue(forKey: user)
        devices.tell(user)
        guard let status else {
            coverage.note(.forgotten)
            return
        }
        retained[user] = status
        watchers.change(user, status.seq)
        if before?.seq == status.seq {
            coverage.note(.statusPutRight)
            return
        }
        if before?.online == true, !status.online {
            switch status.cause {
            case "logout": coverage.note(.logout)
            case "lost": coverage.note(.lost)
            case "ttl": coverage.note(.ttl)
            case "restart": coverage.note(.restart)
            default: break
            }
        }
        if status.description.isEmpty, before?.description.isEmpty == false, !blank.contains(user) {
            coverage.note(.descriptionExpired)
        }
        let isNew = status.devices.contains { before?.devices[$0.key] != $0.value }
        if isNew, devices.isLate(user, at: uptime) { coverage.note(.wordFoundLate) }
    }

    private mutating func note(_ request: RequestSeen) {
        if !tags.insert(request.tag).inserted { coverage.note(.askedTwice) }
        open.insert(request.tag)
        guard request.operation == "publish",
            let text = request.payload?.object?["description"]?.string
        else { return }
        if text.isEmpty { blank.insert(request.user) } else { blank.remove(request.user) }
    }

    private mutating func note(_ answer: AnswerSeen, at uptime: Int64) {
        if let tag = answer.tag { open.remove(tag) }
        if let code = answer.code {
            coverage.note(error: code)
            if answer.operation == "device", code != "too_many_devices" {
                devices.refuse(answer.user, answer.device)
            }
            return
        }
        if answer.operation == "announce" {
            coverage.note(.announce)
        } else {
            watchers.take(answer, &coverage)
        }
    }
}
