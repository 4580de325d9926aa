import PresenceCore

extension Plan {
    /// The hosts of the bridges that share a store, where bridges do.
    func hosts(_ database: SimulatedDatabase?, _ agenda: Agenda) -> [SimulatedHost] {
        guard let sharing, let database else { return [] }
        return sharing.bridges.enumerated().map { number, id in
            SimulatedHost(id, number, lease: sharing.lease, database, agenda)
        }
    }
}

extension World {
    /// Has every host stand by that has no process.
    func startHosts() {
        for host in hosts { start(host) }
    }

    /// Has a host stand by, unless it has a process.
    func start(_ host: SimulatedHost) {
        guard !host.isUp else { return }
        host.standBy()
        look(host, host.candidate)
    }

    private func look(_ host: SimulatedHost, _ candidate: Int64?) {
        guard candidate != nil, host.candidate == candidate else { return }
        if !isBridgeHeld, let session = host.look() {
            note(.storeTaken(bridge: host.bridgeID))
            return launch(on: host, session)
        }
        agenda.after(SimulatedHost.pause) { [weak self, weak host] in
            if let host { self?.look(host, candidate) }
        }
    }

    /// The id of the bridge that has a connection.
    func bridgeID(ofClient id: String) -> String? {
        guard id.hasPrefix(Self.bridgeID + "-") else { return nil }
        return id.lastIndex(of: "-").map { String(id[..<$0]) }
    }

    // MARK: - Faults

    /// Lets a fault happen to the database, or to a bridge that shares it.
    func inflictOnSharing(_ fault: Fault) {
        guard let database, let lease = plan.sharing?.lease else { return }
        switch fault {
        case .databaseRestarted:
            guard !database.isAway else { return }
            note(fault)
            database.restart(after: dice.number(50...6_000))
        case .databaseSilent:
            guard !database.isAway else { return }
            note(fault)
            database.fallSilent(for: dice.number(100...6_000))
        case .databaseCutOff:
            let serving = hosts.first { $0.process === bridge }
            guard let host = dice.chance(70) ? serving : dice.pick(hosts), !host.isCutOff else {
                return
            }
            note(fault)
            host.cutOff()
            agenda.after(dice.number(100...4 * lease)) { [weak host] in host?.reconnect() }
        case .standbyKilled:
            guard let host = hosts.first(where: { $0.candidate != nil }) else { return }
            note(fault)
            host.dismissCandidate()
            agenda.after(dice.number(50...9_000)) { [weak self, weak host] in
                guard let self, let host, !isBridgeHeld else { return }
                start(host)
            }
        default: break
        }
    }

    /// Ends the faults of the database and of the ways to it.
    func recoverSharing() {
        for host in hosts { host.reconnect() }
        database?.recover()
    }
}
