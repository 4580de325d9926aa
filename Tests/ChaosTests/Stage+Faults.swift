import BrokerFixture
import Crowd
import Foundation

extension Stage {
    /// Does one fault, from its beginning to its end.
    func play(_ step: Script.Step, with crowd: Crowd<RandomWalk>) async {
        let fault = step.fault
        try? await Task.sleep(for: step.begins)
        note("\(fault.rawValue) begins, \(step.lasts)")
        if fault.stopsStore { beginExcuse() }
        switch fault {
        case .bridgeKilled, .bridgeStopped:
            await holdBridge(killing: fault == .bridgeKilled)
            try? await Task.sleep(for: step.lasts)
            releaseBridge(choice: step.choice)
        case .brokerKilled, .brokerStopped:
            await holdBroker(killing: fault == .brokerKilled)
            note("gone without a word: \(await crowd.call { $0.scatter() })")
            try? await Task.sleep(for: step.lasts)
            await releaseBroker()
        case .bothKilled: await killBoth(step, crowd)
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
        case .anotherBridge: await tryAnother(step)
        case .idTaken: await takeID(step, thief)
        }
        if fault.stopsStore { endExcuse() }
        note("\(fault.rawValue) ends")
    }

    private func killBoth(_ step: Script.Step, _ crowd: Crowd<RandomWalk>) async {
        await holdBroker(killing: true)
        await holdBridge(killing: true)
        count("both killed")
        note("gone without a word: \(await crowd.call { $0.scatter() })")
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

    private func pause(_ step: Script.Step, _ crowd: Crowd<RandomWalk>) async {
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

    /// A second bridge with a store of its own stands by, and its end is nobody's affair.
    private func tryAnother(_ step: Script.Step) async {
        guard let first = bridge, first.exit == nil else { return note("there is no bridge") }
        do {
            let id = step.choice % 2 == 0 ? Self.bridgeID : "another"
            let store = broker.folder.file("other-\(step.choice).db")
            let second = try makeBridge(store: store, id: id)
            defer { second.kill() }
            try await wait(until: { second.errors.contains("stands by") })
            try? await Task.sleep(for: step.lasts)
            if step.choice % 3 == 0 { _ = try await second.terminate() }
            guard first.exit == nil, second.errors.contains("stands by"),
                !second.errors.contains("serves now")
            else {
                return find(
                    "a second bridge did not stand by\n\(tail(first))\n\(tail(second))"
                )
            }
            count(Fault.anotherBridge.rawValue)
        } catch {
            find("a second bridge: \(error)")
        }
    }

    /// A login that is no bridge's takes the bridge id as its client id, again and again, and
    /// publishes nonsense wherever it may, and where it may not.
    private func takeID(_ step: Script.Step, _ user: String) async {
        guard let first = bridge, first.exit == nil else { return note("there is no bridge") }
        let connections = first.errors.count(of: "connected to the broker at")
        let end = ContinuousClock.now + step.lasts
        do {
            repeat {
                let thief = try await TestClient.connect(
                    to: broker,
                    id: Self.bridgeID,
                    username: user,
                    password: user
                )
                for topic in [
                    "bridge/\(Self.bridgeID)", "bridge/\(Self.bridgeID)/duty",
                    "bridge/\(Self.bridgeID)/plugin", "response/\(user)/x", "event/\(user)",
                ] {
                    let nonsense = #"{"state":"offline","duty":"serving","since":0}"#
                    try await thief.publish("presence/\(topic)", nonsense, retain: true)
                }
                await thief.dropConnection()
            } while ContinuousClock.now < end
        } catch {
            find("the login with the bridge id as its client id: \(error)")
        }
        guard first.exit == nil,
            first.errors.count(of: "connected to the broker at") == connections
        else { return find("the bridge was thrown off by its client id\n\(tail(first))") }
        count(Fault.idTaken.rawValue)
    }

    private func wait(until isSo: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !isSo(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(20)) }
    }
}

extension String {
    /// How often some words stand in it.
    fileprivate func count(of words: String) -> Int { components(separatedBy: words).count - 1 }
}
