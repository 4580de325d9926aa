import PresenceCore

extension World {
    /// What this part of the world does wrong; the rest is done by the clients.
    private static let ofTheWorld: [Fault] = [
        .bridgeKilled, .crashBeforeCommit, .crashAfterCommit, .bridgeStopped, .bridgePaused,
        .bridgeVanished, .brokerKilled, .brokerEmptied, .brokerStopped, .hostRebooted,
        .bridgeDisconnected, .bridgePartitioned, .messagesDropped, .storeFull, .clockStepped,
        .bridgeFrozen, .databaseCutOff, .databaseRestarted, .databaseSilent, .standbyKilled,
    ]

    /// Lets faults happen from now on, one now and then, until a time.
    func plague(until end: Int64) {
        let kinds = Self.ofTheWorld.filter(plan.faults.contains)
        guard !kinds.isEmpty else { return }
        agenda.after(dice.number(500...15_000)) { [weak self] in
            guard let self, agenda.now.uptime < end else { return }
            inflict(dice.pick(kinds))
            plague(until: end)
        }
    }

    /// Lets a fault happen, and sees to its end.
    func inflict(_ fault: Fault) {
        switch fault {
        case .bridgeKilled, .crashBeforeCommit, .crashAfterCommit, .bridgeStopped, .bridgePaused,
            .bridgeVanished, .bridgeDisconnected, .bridgePartitioned, .messagesDropped,
            .bridgeFrozen:
            inflictOnBridge(fault)
        case .databaseCutOff, .databaseRestarted, .databaseSilent, .standbyKilled:
            inflictOnSharing(fault)
        case .brokerKilled, .brokerEmptied, .brokerStopped, .hostRebooted: inflictOnBroker(fault)
        case .storeFull:
            note(fault)
            disk.isFull = true
            agenda.after(dice.number(100...8_000)) { [weak self] in self?.disk.isFull = false }
        case .clockStepped:
            note(fault)
            let isFar = dice.chance(30)
            let step = dice.number(isFar ? -7_200_000...7_200_000 : -20_000...20_000)
            agenda.stepClock(by: step)
            adopted.clockStepped(at: agenda.now.uptime)
        case .thingKilled, .thingPartitioned, .thingTakenOver, .thingSilent, .wordGarbled,
            .clientCrashed, .clientPartitioned, .messageDuplicated, .clientTakenOver, .willLate,
            .garbageStated, .garbageAsked, .userCut, .readingsCut:
            break
        }
    }

    private func inflictOnBridge(_ fault: Fault) {
        guard let bridge else { return }
        note(fault)
        switch fault {
        case .bridgeKilled: bridge.kill()
        case .crashBeforeCommit: bridge.kill(at: .beforeCommit)
        case .crashAfterCommit: bridge.kill(at: .afterCommit)
        case .bridgeStopped: bridge.stop()
        case .bridgeVanished: loseBridge()
        case .bridgeDisconnected: bridge.transport?.cut()
        case .bridgePartitioned:
            trouble()
            bridge.transport?.isSwallowed = true
        default:
            bridge.pause()
            if fault == .messagesDropped { broker.options.maxQueued = 0 }
            let begun = agenda.now.uptime
            let lease = plan.sharing?.lease ?? 0
            let length = fault == .bridgeFrozen ? lease...3 * lease + 5_000 : 200...6_000
            agenda.after(dice.number(length)) { [weak self, weak bridge] in
                self?.heal()
                bridge?.resume()
                if let self { truth.troubled(begun...agenda.now.uptime + 2_000) }
            }
        }
    }

    private func inflictOnBroker(_ fault: Fault) {
        // A broker that started a moment ago cannot be told from the next one.
        guard broker.isRunning, broker.uptime >= 5_000 else { return }
        note(fault)
        if dice.chance(50) { broker.save() }
        if fault == .brokerEmptied { broker.forgetSaved() }
        if fault == .hostRebooted {
            if dice.chance(50) { bridge?.kill() } else { bridge?.stop() }
        }
        stopBroker(killing: fault != .brokerStopped && (fault != .hostRebooted || dice.chance(50)))
        agenda.after(dice.number(100...12_000)) { [weak self] in self?.startBroker() }
    }

    /// The limits of the queues are as planned again.
    func heal() { broker.options.maxQueued = plan.maxQueued }

    /// Ends every fault: what is down comes up, what stands still goes on.
    func recover() {
        heal()
        disk.isFull = false
        recoverSharing()
        startBroker()
        bridge?.kill(at: nil)
        bridge?.resume()
        for client in clients where client.transport?.isSwallowed == true {
            // Its own tick ends it, and it comes back by itself.
            client.wantsLink = true
        }
        startBridge()
        wakeSleepers()
    }
}
