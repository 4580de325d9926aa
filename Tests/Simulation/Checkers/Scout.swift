import Presence
import PresenceCore

/// Reads a history for what it comes by, and judges nothing.
struct Scout: Sendable {
    /// What was reached.
    private(set) var reach = Reach()

    private var devices = DeviceScout()
    private var watchers = WatcherScout()
    private var things = ThingScout()
    private var retained: [String: StatusSeen] = [:]
    /// Users who took their description away themselves.
    private var blank: Set<String> = []
    /// The tags of the requests that are not answered, and of all.
    private var open: Set<String> = []
    private var tags: Set<String> = []
    private var epoch: Int64 = 0

    /// Reads the next entry.
    mutating func read(_ entry: Entry) {
        let uptime = entry.time.uptime
        things.read(entry.event, &reach)
        switch entry.event {
        case .fault(let fault): reach.note(fault)
        case .storeRefused: reach.note(.storeRefused)
        case .bridgeServes(let epoch):
            if self.epoch > 0, epoch > self.epoch { reach.note(.epochRose) }
            self.epoch = epoch
            devices.serve(at: uptime)
        case .status(let user, let status): note(user, status, at: uptime)
        case .told(let watcher, let tellings, _):
            watchers.hear(watcher, tellings, at: uptime, &reach)
        case .answered(let answer): note(answer, at: uptime)
        case .asked(let request): note(request)
        case .stated(let user, let device, let payload, _, let speaker):
            devices.hear(user, device, payload, speaker, at: uptime, &reach)
        case .rest:
            reach.note(.rest)
            for _ in open { reach.note(.unanswered) }
            open = []
        case .quietBegan(.bridgeRestart): reach.note(.quietBridgeRestart)
        case .quietBegan(.brokerRestart): reach.note(.quietBrokerRestart)
        case .deserted: reach.note(.deserted)
        case .bridgeStarted, .bridgeEnded, .bridgeCutOff, .brokerStarted, .brokerEnded, .turn,
            .unanswered,
            .stored, .quietEnded, .quietBegan(.plainRestart), .plain:
            break
        }
    }

    private mutating func note(_ user: String, _ status: StatusSeen?, at uptime: Int64) {
        let before = retained.removeValue(forKey: user)
        devices.tell(user)
        guard let status else {
            reach.note(.forgotten)
            return
        }
        retained[user] = status
        watchers.change(user, status.seq)
        if before?.seq == status.seq {
            reach.note(.statusPutRight)
            return
        }
        if before?.online == true, !status.online {
            switch status.cause {
            case "logout": reach.note(.logout)
            case "lost": reach.note(.lost)
            case "ttl": reach.note(.ttl)
            case "restart": reach.note(.restart)
            default: break
            }
        }
        if status.description.isEmpty, before?.description.isEmpty == false, !blank.contains(user) {
            reach.note(.descriptionExpired)
        }
        let isNew = status.devices.contains { before?.devices[$0.key] != $0.value }
        if isNew, devices.isLate(user, at: uptime) { reach.note(.wordFoundLate) }
    }

    private mutating func note(_ request: RequestSeen) {
        if !tags.insert(request.tag).inserted { reach.note(.askedTwice) }
        open.insert(request.tag)
        guard request.operation == "publish",
            let text = request.payload?.object?["description"]?.string
        else { return }
        if text.isEmpty { blank.insert(request.user) } else { blank.remove(request.user) }
    }

    private mutating func note(_ answer: AnswerSeen, at uptime: Int64) {
        if let tag = answer.tag { open.remove(tag) }
        if let code = answer.code {
            reach.note(error: code)
            if answer.operation == "device", code != "too_many_devices" {
                devices.refuse(answer.user, answer.device)
            }
            return
        }
        if answer.operation == "announce" {
            reach.note(.announce)
        } else {
            watchers.take(answer, &reach)
        }
    }
}
