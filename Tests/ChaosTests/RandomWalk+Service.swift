import Chance
import Crowd
import Mosquitto
import Presence

/// What is seen of a service of several bridges, whichever of them serves.
extension RandomWalk {
    /// For how long a device is there at least before nobody may be told that it has gone: what was true before may come
    /// late, from a bridge that stood still and through a broker that did.
    static let settled = Duration.seconds(15)

    /// Has the topics of the bridges, and every status, read for the whole run.
    func listen() {
        members.add(
            Listener(port: port, filter: "presence/bridge/+") { [weak self] message, now in
                let bridge = message.topic.split(separator: "/").last.map(String.init) ?? ""
                self?.tenures.hear(try? JSONValue(parsing: message.payload), of: bridge, at: now)
            }
        )
        members.add(
            Listener(port: port, filter: "presence/status/+") { [weak self] message, _ in
                self?.hear(message)
            }
        )
    }

    private func hear(_ message: Message) {
        guard !message.payload.isEmpty else { return }
        let user = message.topic.split(separator: "/").last.map(String.init) ?? ""
        guard let status = try? JSONValue(parsing: message.payload) else {
            return ledger.tally.complain("\(message.topic): \(message.text) is no JSON")
        }
        if let words = statusHistory.hear(status, of: user) { ledger.tally.complain(words) }
    }

    /// Makes those who come once and stay: whoever is told that one of them has gone is told a lie, whichever bridge
    /// serves.
    func addSteadyUsers() {
        for number in 0..<setting.steadyUsers {
            let user = RunOptions.steadyUser(number)
            for name in ["d0", "d1"] {
                var options = DeviceOptions(user: user, device: name, port: port)
                options.hasSessions = number.isMultiple(of: 2)
                let device = Device(
                    options,
                    in: members,
                    ledger: ledger,
                    random: random.split(UInt64(1_000_000 + number * 10 + (name == "d0" ? 0 : 1)))
                )
                steady[user, default: []].append(device)
                members.add(device)
            }
        }
    }

    /// Judges what a watcher was told of somebody who stays.
    func judge(_ told: SeenStatus, by watcher: Device) {
        // What goes by the tunnel may have been held up there.
        guard watcher.options.port == port, let devices = steady[told.username] else { return }
        var there: [String: ContinuousClock.Instant] = [:]
        for device in devices { there[device.options.device] = device.thereSince }
        for lie in Self.lies(in: told, whereThere: there, at: .now) {
            ledger.tally.complain("\(watcher.options.user) was told \(lie): \(told)")
        }
    }

    /// What is false of a status: devices that have gone by it, and have been there for long.
    ///
    /// - Parameter there: Since when each device is there that is.
    static func lies(
        in told: SeenStatus,
        whereThere there: [String: ContinuousClock.Instant],
        at now: ContinuousClock.Instant
    ) -> [String] {
        there.sorted { $0.key < $1.key }.compactMap { device, since in
            guard told.devices[device] == nil, now - since > settled else { return nil }
            return "that \(told.username)/\(device) has gone, which is there for \(now - since)"
        }
    }
}
