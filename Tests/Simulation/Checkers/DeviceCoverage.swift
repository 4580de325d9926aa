/// What a history comes by about devices.
struct DeviceCoverage: Sendable {
    /// How long after its word a status is late, and for how long after a connection none is.
    private static let late: Int64 = 5_000

    private struct Device: Sendable {
        var last: StatementSeen
        /// Whether it has gone, and nothing was told since.
        var isLeaving = false
        /// Whether a will of an old connection came.
        var hasStaleWill = false
        /// Whether something was refused that is no statement.
        var isRefused = false
    }

    private var devices: [String: [String: Device]] = [:]
    private var heard: [String: Int64] = [:]
    private var serves: Int64 = 0

    mutating func serve(at uptime: Int64) { serves = uptime }

    mutating func hear(
        _ user: String,
        _ name: String,
        _ payload: [UInt8],
        _ speaker: Entry.Speaker,
        at uptime: Int64,
        _ coverage: inout Coverage
    ) {
        guard speaker != .bridge else {
            correct(user, name, payload, &coverage)
            return
        }
        heard[user] = uptime
        let said = StatementSeen(payload)
        if said.word == "invisible" { coverage.note(.invisible) }
        var device = devices[user]?[name] ?? Device(last: StatementSeen([]))
        if speaker == .will, let session = said.session, let current = device.last.session,
            session != current
        {
            device.hasStaleWill = true
        } else if said.isVisible {
            if device.isLeaving { coverage.note(.flapAbsorbed) }
            device.isLeaving = false
            device.last = said
        } else if said.word != nil {
            if device.last.isVisible { device.isLeaving = true }
            device.last = said
        }
        devices[user, default: [:]][name] = device
    }

    /// The bridge wrote to a device topic.
    private mutating func correct(
        _ user: String,
        _ name: String,
        _ payload: [UInt8],
        _ coverage: inout Coverage
    ) {
        guard let device = devices[user]?[name], device.hasStaleWill || device.isRefused else {
            return
        }
        if device.hasStaleWill { coverage.note(.staleWillIgnored) }
        if device.isRefused, !payload.isEmpty { coverage.note(.garbagePutRight) }
        devices[user]?[name]?.hasStaleWill = false
        devices[user]?[name]?.isRefused = false
    }

    /// The status of a user changed: whoever went has gone.
    mutating func tell(_ user: String) {
        guard let known = devices[user] else { return }
        for (name, device) in known where device.isLeaving {
            devices[user]?[name]?.isLeaving = false
        }
    }

    mutating func refuse(_ user: String, _ name: String) { devices[user]?[name]?.isRefused = true }

    /// Whether the user's devices have said nothing for long, at a connection that has lasted longer.
    func isLate(_ user: String, at uptime: Int64) -> Bool {
        guard let heard = heard[user] else { return false }
        return uptime - heard > Self.late && uptime - serves > Self.late
    }
}
