import PresenceBridge
import PresenceCore

/// What a seed makes of a run: who is there, with which limits, and which faults may happen.
package struct Plan: Sendable {
    package let seed: UInt64
    /// What may go wrong in this run; every seed has another subset.
    package var faults: Set<Fault>
    /// How many users there are, and how many devices each has at most.
    package var users: Int
    package var devices: Int
    /// How many storms there are, and how long each takes, in milliseconds.
    package var storms: Int
    package var stormLength: Int64
    /// How long a client waits at the most before it does the next thing, in milliseconds.
    package var pace: Int64
    /// What the bridge is started with.
    package var arguments: [String]
    package var limits = CheckedLimits()
    /// How long the graces, audits and lives of this configuration take to run out, in milliseconds.
    package var calm: Int64
    /// Whether a will takes effect at once, so that a broker that stops tells of everyone's end.
    package var hasNoGrace: Bool
    /// How many devices the user of the crowd has, which break all at once; 0 where there is none.
    ///
    /// They are more than the rate of statements takes at once.
    package var crowd: Int
    /// How many strangers come at one go while the bridge does not read, and what part of all devices
    /// the broker then has room for, in percent; `nil` where none come.
    package var strangers: (count: Int, room: Int)?
    /// What is adopted of programs that know nothing of the protocol; `nil` in most runs.
    package private(set) var adopted: AdoptedPlan?
    /// Whether there is an operator who asks by another way than the broker.
    package let hasOperator: Bool
    /// The bridges that share a store; `nil` where there is one, with a store of its own.
    package let sharing: SharingPlan?
    /// Who is told by webhooks; `nil` in most runs.
    package private(set) var webhooks: WebhookPlan?
    /// Whether everybody leaves in the end, and is forgotten.
    package var endsDeserted: Bool
    /// How long it takes until everybody is forgotten, in milliseconds.
    package var forgetting: Int64
    /// How many messages wait for one client before the broker drops them.
    package var maxQueued: Int
    /// Whether some clients speak MQTT 3.1.1, and whether the broker does nothing else.
    package var hasOldClients: Bool
    package var isOldBroker: Bool
    /// Whether the broker has the plugin, and the bridge uses it.
    package let hasPlugin: Bool
    /// Whether a broker with the plugin is one like mosquitto 2.1, and by how many seconds it takes
    /// the time of its start too late.
    package let isModernBroker: Bool
    package let startLag: Int64

    /// Whether everything takes the same time every time, so that two runs can be compared.
    package var isExact = false
    /// What a device says that wants not to be seen: `invisible`, or `offline` to compare with.
    package var hiding = "invisible"

    /// Makes it one of two that are compared: nothing goes wrong or takes longer by chance, and all
    /// devices that want not to be seen, those of the first user, say this word.
    package mutating func compares(hidingAs word: String) {
        faults = []
        isExact = true
        hiding = word
        endsDeserted = false
        // A device too many is refused, and one that has logged out is none.
        limits.maxDevices = 64
        arguments += ["--max_devices", "64"]
    }

    /// The plan of a seed, with the plugin in the broker or without.
    ///
    /// - Parameters:
    ///   - adopts: Whether there are programs, too, whose things are adopted. All that is drawn without them is
    ///     the same with them.
    ///   - hasOperator: Whether there is an operator, too, who asks by another way than the broker.
    ///   - shares: Whether there are several bridges, which share a store in a database.
    package init(
        seed: UInt64,
        plugin hasPlugin: Bool = false,
        adopting adopts: Bool = false,
        operating hasOperator: Bool = false,
        sharing shares: Bool = false
    ) {
        sharing = shares ? SharingPlan(seed: seed) : nil
        self.hasOperator = hasOperator
        self.seed = seed
        self.hasPlugin = hasPlugin
        var release = Dice(seed: seed, part: "release of the broker")
        isModernBroker = hasPlugin && release.chance(50)
        startLag = isModernBroker ? release.number(0...2) : 0
        var dice = Dice(seed: seed, part: "plan")
        let share = dice.pick([0, 15, 30, 60])
        faults = Set(
            Fault.allCases.filter {
                !$0.hasSeason && !$0.isOfAdopted && !$0.isOfSharing && dice.chance(share)
            }
        )
        users = dice.count(2...5)
        devices = dice.count(1...3)
        storms = dice.chance(25) ? 2 : 1
        stormLength = dice.number(10_000...40_000)
        pace = dice.pick([1_000, 3_000, 8_000])
        endsDeserted = dice.chance(25)
        maxQueued = dice.pick([20, 1_000])
        hasOldClients = dice.chance(40)
        isOldBroker = dice.chance(10)
        limits.maxSubscriptions = dice.pick([2, 3, 5, 3_000])
        limits.maxWatchers = dice.pick([0, 0, 1, 3])
        limits.maxDevices = dice.pick([1, 2, 64])
        limits.eventInterval = dice.pick([0, 100, 100, 1_000])
        limits.maxMessage = dice.pick([1_024, 65_536])
        let isTight = dice.chance(20)
        limits.dropsRequests = isTight
        if isTight { (limits.requestRate, limits.requestBurst) = (1, 5) }
        let offlineGrace = dice.pick([0, 1, 3])
        hasNoGrace = offlineGrace == 0
        limits.offlineGrace = Int64(offlineGrace) * 1_000
        let grace = dice.pick([10, 20])
        let audit = dice.pick([5, 20, 60])
        // What the broker drops is only found by the audit, a dead connection is only noticed after twenty
        // seconds, and after a restart of the broker there is a grace: before that nobody is to be forgotten.
        let forget = dice.pick([30, 40])
        let deviceForget = max(forget, 2 * audit + 5)
        calm = Int64(grace + 2 * audit + 75) * 1_000
        forgetting = Int64(deviceForget + forget + audit + 70) * 1_000
        limits.forgetAfter = endsDeserted ? Int64(forget) : dice.pick([30, 2_592_000])
        let logoutGrace = dice.pick([0, 1])
        limits.logoutGrace = Int64(logoutGrace) * 1_000
        // It is there in the end, and draws by itself: what comes before is the same without it.
        var crowdDice = Dice(seed: seed, part: "plan of the crowd")
        let mayCrowd = limits.maxDevices == 64 && !hasNoGrace && !endsDeserted
        crowd = mayCrowd ? crowdDice.count(isTight ? 6...20 : 55...64) : 0
        if crowd > 0 { faults.insert(.userCut) }
        var strangersDice = Dice(seed: seed, part: "plan of the strangers")
        if !endsDeserted, strangersDice.chance(30) {
            strangers = (strangersDice.count(30...60), strangersDice.count(65...90))
            faults.insert(.readingsCut)
        }
        let settings: [(String, String)] = [
            ("host", "simulated"), ("store", ":memory:"), ("metrics_interval", "0"),
            ("max_subscriptions", "\(limits.maxSubscriptions)"),
            ("max_watchers", "\(limits.maxWatchers)"), ("max_devices", "\(limits.maxDevices)"),
            ("max_message", "\(limits.maxMessage)"),
            ("event_interval", "\(limits.eventInterval)ms"),
            ("broker_restart_grace", "\(grace)s"), ("audit_interval", "\(audit)s"),
            ("offline_grace", "\(offlineGrace)s"),
            ("logout_grace", "\(logoutGrace)s"),
            (
                "device_forget_after",
                endsDeserted ? "\(deviceForget)s" : dice.pick(["\(deviceForget)s", "1d"])
            ),
            ("forget_after", "\(limits.forgetAfter)s"),
            ("allow_subscribe_all", dice.chance(70) ? "true" : "false"),
            ("request_rate", "\(limits.requestRate)"),
            ("request_burst", "\(limits.requestBurst)"),
            ("device_rate", isTight ? "1" : "10"), ("device_burst", isTight ? "3" : "50"),
            ("keepalive", "10s"), ("broker_plugin", hasPlugin ? "auto" : "off"),
        ]
        var historyDice = Dice(seed: seed, part: "plan of the history")
        limits.keepsHistory = historyDice.chance(40)
        arguments = settings.flatMap { ["--\($0.0)", $0.1] }
        if limits.keepsHistory { arguments += ["--history_keep", "1d"] }
        webhooks = WebhookPlan(seed: seed)
        if let webhooks {
            arguments += webhooks.arguments
            (limits.webhooks, limits.webhookKinds) = (webhooks.urls, webhooks.kinds)
        }
        faults.formUnion(sharing?.faults ?? [])
        guard adopts else { return }
        let adopted = AdoptedPlan(seed: seed)
        self.adopted = adopted
        // A sleeper has two minutes more than it said.
        calm += adopted.sources.contains { $0.program == .cell } ? 100_000 : 0
        forgetting += 60_000
    }
}

extension Fault {
    /// Whether it has a season of its own, and does not strike at any time.
    fileprivate var hasSeason: Bool { self == .userCut || self == .readingsCut }
}
