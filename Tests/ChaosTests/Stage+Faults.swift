import BrokerFixture
import Crowd
import Foundation

extension Stage {
    /// Does one fault, from its beginning to its end.
    func play(_ step: Script.Step, with crowd: Crowd<RandomWalk>) async {
        let fault = step.fault
        try? await Task.sleep(for: step.begins)
        guard let host = await target(of: fault, crowd) else {
            return log.note("\(fault.rawValue) is left out: nobody serves")
        }
        let words = "\(fault.rawValue) begins, \(step.lasts)"
        log.note(fleet.isShared ? "\(words), with \(host.id)" : words)
        if fault.stopsStore { for host in fleet.hosts { await host.beginExcuse() } }
        switch fault {
        case .bridgeKilled, .bridgeStopped: await end(host, step, crowd)
        case .brokerKilled, .brokerStopped:
            await holdBroker(killing: fault == .brokerKilled)
            log.note("gone without a word: \(await crowd.call { $0.scatter() })")
            try? await Task.sleep(for: step.lasts)
            await releaseBroker()
        case .bothKilled: await killBoth(host, step, crowd)
        case .bridgePaused, .storm: await pause(host, step, crowd)
        case .brokerPaused:
            pauseBroker()
            try? await Task.sleep(for: step.lasts)
            resumeBroker()
        case .devicesFrozen:
            log.count(fault.rawValue)
            deviceTunnel.freeze(every: Int(step.choice % 3) + 1)
            try? await Task.sleep(for: step.lasts)
            deviceTunnel.thaw(step.thaw)
        case .bridgeFrozen:
            log.count(fault.rawValue)
            await host.freezeBroker()
            try? await Task.sleep(for: step.lasts)
            await host.restoreBroker(await thaw(step, of: host, crowd))
        case .diskFull:
            guard let disk else { break }
            disk.fill()
            log.count("disk filled")
            try? await Task.sleep(for: step.lasts)
            disk.empty()
        case .storeLocked: await lock(host, step)
        case .intruder: await intrude(on: host)
        case .anotherBridge: await tryAnother(beside: host, step)
        case .idTaken: await takeID(of: host, step)
        case .bridgeStalled: await stall(host, step, crowd)
        case .bridgeCutOff: await cutOff(host, step, crowd)
        case .databaseSilent, .databaseClosed: await cutFromDatabase(host, step, crowd)
        case .isolated, .heardLate: await isolate(host, step, crowd)
        case .databaseStopped, .databaseKilled: await restartDatabase(step)
        case .standbyKilled: await killStandby(besides: host, step)
        }
        if fault.stopsStore { for host in fleet.hosts { await host.endExcuse() } }
        log.note("\(fault.rawValue) ends")
    }

    private func end(_ host: BridgeHost, _ step: Script.Step, _ crowd: Crowd<RandomWalk>) async {
        await whileTaken(host, crowd) { [log] in
            let isKilled = step.fault == .bridgeKilled
            if await host.hold(killing: isKilled) {
                log.count(isKilled ? "bridge killed" : "bridge stopped")
            }
            try? await Task.sleep(for: step.lasts)
            await host.release(choice: step.choice)
        }
    }

    private func killBoth(
        _ host: BridgeHost,
        _ step: Script.Step,
        _ crowd: Crowd<RandomWalk>
    ) async {
        await holdBroker(killing: true)
        await whileTaken(host, crowd) { [self] in
            if await host.hold(killing: true) { log.count("bridge killed") }
            log.count("both killed")
            log.note("gone without a word: \(await crowd.call { $0.scatter() })")
            if step.choice % 3 == 0 {
                try? await Task.sleep(for: step.lasts)
                await host.release(choice: step.choice)
                await releaseBroker()
            } else {
                await releaseBroker()
                try? await Task.sleep(for: step.lasts)
                await host.release(choice: step.choice)
            }
        }
    }

    private func pause(_ host: BridgeHost, _ step: Script.Step, _ crowd: Crowd<RandomWalk>) async {
        await host.pause()
        log.count("bridge paused")
        if step.fault == .storm {
            log.count("storms")
            await crowd.call { walk in
                walk.pour()
                walk.beginStorm()
            }
        }
        try? await Task.sleep(for: step.lasts)
        await host.resume()
    }

    private func lock(_ host: BridgeHost, _ step: Script.Step) async {
        // There is nothing to lock while the bridge is away.
        guard let lock = try? await WriteLock.take(on: host.store) else { return }
        log.count("store locked")
        try? await Task.sleep(for: step.lasts)
        lock.release()
    }
}

extension Script.Step {
    /// What becomes of connections that were frozen.
    var thaw: Tunnel.Thaw {
        switch choice % 7 {
        case 0..<3: .goOn
        case 3..<6: .cut
        default: .linger
        }
    }
}
