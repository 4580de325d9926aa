import PresenceCore

/// A device that was back before its grace ended is not told to be gone, however long the rate lets
/// its word wait.
///
/// Judged where nothing disturbs the bridge: from its service until the next fault of its own, its
/// store's or the broker's, and again from each rest. A device whose promise has run out may be gone,
/// and so may one whose topic had something since that is no statement.
package struct NoGraceOverWaiting: Checker {
    package static let rule = "no grace ends over a word that waits"

    /// How much later than its will a birth may come to the bridge, in milliseconds.
    private static let latency: Int64 = 500

    private struct Device {
        var session: String?
        /// While it is away, by when it has to be back, in milliseconds of uptime.
        var graceEnds: Int64?
        /// Whether it is there, and was back in time.
        var isBack = false
        /// When its promise runs out.
        var ttlEnds = Int64.max
    }

    private let offlineGrace: Int64
    private let logoutGrace: Int64
    private var devices: [String: [String: Device]] = [:]
    /// The devices that were told to be online last, of each user.
    private var told: [String: Set<String>] = [:]
    private var isDisturbed = false

    package init(_ limits: CheckedLimits) {
        (offlineGrace, logoutGrace) = (limits.offlineGrace, limits.logoutGrace)
    }

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch entry.event {
        case .stated(_, _, _, _, .bridge): break
        case .stated(let user, let name, let payload, _, let speaker):
            hear(user, name, payload, isWill: speaker == .will, at: entry.time.uptime)
        case .status(let user, let status):
            let online = Set(status.map { Array($0.devices.keys) } ?? [])
            let before = told.updateValue(online, forKey: user) ?? []
            judge(user, gone: before.subtracting(online), at: entry.time.uptime, &breaches)
        case .fault(let fault): if disturbs(fault) { disturb() }
        case .bridgeEnded, .bridgeCutOff, .brokerEnded, .storeRefused: disturb()
        case .rest: isDisturbed = false
        default: break
        }
    }

    private mutating func disturb() {
        isDisturbed = true
        devices = [:]
    }

    private func disturbs(_ fault: Fault) -> Bool {
        switch fault {
        case .clientCrashed, .clientPartitioned, .messageDuplicated, .clientTakenOver, .willLate,
            .garbageStated, .garbageAsked, .userCut, .readingsCut:
            false
        default: true
        }
    }

    private mutating func hear(
        _ user: String,
        _ name: String,
        _ payload: [UInt8],
        isWill: Bool,
        at uptime: Int64
    ) {
        guard !isDisturbed else { return }
        guard let said = Said(payload), !said.isClear, said.word != "invisible" else {
            devices[user]?[name] = nil
            return
        }
        switch said.word {
        case "offline", "lost":
            guard var device = devices[user]?[name] else { return }
            // The will of another connection says nothing of this one.
            if said.word == "lost", let named = said.session, named != device.session { return }
            let grace = said.word == "lost" ? offlineGrace : logoutGrace
            device.graceEnds = min(device.graceEnds ?? .max, uptime + grace)
            device.isBack = false
            devices[user]?[name] = device
        default:
            var device = devices[user]?[name] ?? Device()
            device.session = said.session ?? device.session
            device.ttlEnds = said.ttl.map { uptime + $0 * 1_000 } ?? .max
            if let ends = device.graceEnds {
                device.isBack = uptime + Self.latency < ends
                device.graceEnds = nil
            }
            devices[user, default: [:]][name] = device
        }
    }

    private func judge(
        _ user: String,
        gone: Set<String>,
        at uptime: Int64,
        _ breaches: inout [String]
    ) {
        guard !isDisturbed else { return }
        for name in gone.sorted() {
            guard let device = devices[user]?[name], device.isBack, uptime < device.ttlEnds else {
                continue
            }
            breaches.append(
                "\(user)'s \(name) is told to be gone, and was back before its grace ended"
            )
        }
    }
}
