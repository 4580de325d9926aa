import BrokerFixture
import Crowd
import Foundation

extension Stage {
    /// Does one fault, from its beginning to its end.
    func play(_ step: Script.Step, with crowd: Crowd<Walk>) async {
        let fault = step.fault
        try? await Task.sleep(for: step.begins)
        note("\(fault.rawValue) begins, \(step.lasts)")
        if fault.mayEndBridge { beginExcuse() }
        switch fault {
        case .bridgeKilled, .bridgeStopped:
            await holdBridge(killing: fault == .bridgeKilled)
            try? await Task.sleep(for: step.lasts)
            releaseBridge(choice: step.choice)
        case .brokerKilled, .brokerStopped:
            await holdBroker(killing: fault == .brokerKilled)
            try? await Task.sleep(for: step.lasts)
            await releaseBroker()
        case .bothKilled: await killBoth(step)
        case .bridgePaused, .storm: await pause(step, crowd)
        case .brokerPaused:
            broker.pause()
            count("broker paused")
            try? await Task.sleep(for: step.lasts)
            broker.resume()
        case .devicesFrozen, .bridgeFrozen:
            await freeze(step)
        case .diskFull:
            guard let disk else { break }
            disk.fill()
            count("disk filled")
            try? await Task.sleep(for: step.lasts)
            disk.empty()
        case .storeLocked: await lock(step)
        case .intruder: await intrude()
        case .takeOver: await takeOver(step, crowd)
        }
        if fault.mayEndBridge { endExcuse() }
        note("\(fault.rawValue) ends")
    }

    private func killBoth(_ step: Script.Step) async {
        await holdBroker(killing: true)
        await holdBridge(killing: true)
        count("both killed")
        if step.choice % 3 == 0 {
            try? await Task.sleep(for: step.lasts)
            releaseBridge(choice: step.choice)
            await releaseBroker()
        } else {
            await releaseBroker()
            try? await Task.sleep(for: step.lasts)
            releaseBridge(choice: step.choice)
        }
    }

    private func pause(_ step: Script.Step, _ crowd: Crowd<Walk>) async {
        pauseBridge()
        if step.fault == .storm {
            count("storms")
            await crowd.call { walk in
                walk.pour()
                walk.beginStorm()
            }
        }
        try? await Task.sleep(for: step.lasts)
        resumeBridge()
    }

    private func freeze(_ step: Script.Step) async {
        let tunnel = step.fault == .bridgeFrozen ? bridgeTunnel : deviceTunnel
        tunnel.freeze(every: step.fault == .bridgeFrozen ? 1 : Int(step.choice % 3) + 1)
        count(step.fault.rawValue)
        try? await Task.sleep(for: step.lasts)
        switch step.choice % 7 {
        case 0..<3: tunnel.thaw(.goOn)
        case 3..<6: tunnel.thaw(.cut)
        default: tunnel.thaw(.linger)
        }
    }

    private func lock(_ step: Script.Step) async {
        // There is nothing to lock while the bridge is away.
        guard let lock = try? await WriteLock.take(on: storePath) else { return }
        count("store locked")
        try? await Task.sleep(for: step.lasts)
        lock.release()
    }

    /// A second bridge on the store of one that runs must end, and leave it alone.
    private func intrude() async {
        guard let first = bridge, first.exit == nil,
            first.errors.contains("connected to the broker")
        else { return }
        // If the first one is killed meanwhile, the second one has every right to the store.
        beginExcuse()
        defer { endExcuse() }
        do {
            let second = try makeBridge(store: storePath)
            defer { second.kill() }
            let end = ContinuousClock.now + .seconds(10)
            while second.exit == nil, first.exit == nil, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(10))
            }
            guard first.exit == nil else { return }
            count(Fault.intruder.rawValue)
            let isRefused = second.errors.contains("is in use by another bridge")
            if second.exit != .code(1) || !isRefused {
                find("a second bridge on the store: \(second.exit as Any)\n\(tail(second))")
            }
        } catch {
            find("a second bridge on the store: \(error)")
        }
    }

    /// Of two bridges with one client identifier, each with a store of its own, the later one stays;
    /// and then again, when the first one's store comes back.
    ///
    /// Meanwhile nobody asks for anything: it would be acknowledged by the one that goes again.
    private func takeOver(_ step: Script.Step, _ crowd: Crowd<Walk>) async {
        await crowd.call { $0.asks = false }
        defer { crowd.perform { $0.asks = true } }
        for _ in 0..<200 where await crowd.call({ $0.everybody.contains { $0.unanswered > 0 } }) {
            try? await Task.sleep(for: .milliseconds(50))
        }
        guard await !crowd.call({ $0.everybody.contains { $0.unanswered > 0 } }),
            let first = bridge, first.exit == nil
        else { return note("there is no bridge to take the place of") }
        holdBridgeStarts()
        do {
            let name = "other-\(step.choice).db"
            let second = try makeBridge(store: broker.folder.file(name))
            try await expectEnd(of: first, by: second)
            try? await Task.sleep(for: step.lasts)
            releaseBridgeStarts()
            startBridge()
            guard let third = bridge else { return }
            try await expectEnd(of: second, by: third)
            count(Fault.takeOver.rawValue)
        } catch {
            releaseBridgeStarts()
            find("\(error)")
        }
    }

    private func expectEnd(of earlier: Child, by later: Child) async throws {
        let exit = try await earlier.wait(timeout: .seconds(20))
        if exit != .code(1) || later.exit != nil {
            find(
                "of two with one client id the earlier ended with \(exit), the later with "
                    + "\(later.exit.map { "\($0)" } ?? "nothing")\n\(tail(earlier))\n\(tail(later))"
            )
        }
    }
}
