import BrokerFixture
import Foundation

/// Others who do what they should not: further bridges, and a user.
extension Stage {
    /// A second bridge on the store of one that runs must end, and leave it alone.
    func intrude(on host: BridgeHost) async {
        guard let first = await host.running,
            first.errors.contains("connected to the broker")
        else { return }
        // If the first one is killed meanwhile, the second one has every right to the store.
        await host.beginExcuse()
        do {
            let second = try await host.launch(store: host.store)
            defer { second.kill() }
            let end = ContinuousClock.now + .seconds(10)
            while second.exit == nil, first.exit == nil, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(10))
            }
            if first.exit == nil {
                log.count(Fault.intruder.rawValue)
                let isRefused = second.errors.contains("is in use by another bridge")
                if second.exit != .code(1) || !isRefused {
                    log.find("a second bridge on the store: \(second.exit as Any)\n\(second.tail)")
                }
            }
        } catch {
            log.find("a second bridge on the store: \(error)")
        }
        await host.endExcuse()
    }

    /// A second bridge with a store of its own stands by, and its end is nobody's affair.
    func tryAnother(beside host: BridgeHost, _ step: Script.Step) async {
        guard let first = await host.running else { return log.note("there is no bridge") }
        do {
            let id = step.choice % 2 == 0 ? host.id : "another"
            let store = broker.folder.file("other-\(step.choice).db")
            let second = try await host.launch(store: store, id: id)
            defer { second.kill() }
            try await wait(until: { second.errors.contains("stands by") })
            try? await Task.sleep(for: step.lasts)
            if step.choice % 3 == 0 { _ = try await second.terminate() }
            guard first.exit == nil, second.errors.contains("stands by"),
                !second.errors.contains("serves now")
            else {
                return log.find(
                    "a second bridge did not stand by\n\(first.tail)\n\(second.tail)"
                )
            }
            log.count(Fault.anotherBridge.rawValue)
        } catch {
            log.find("a second bridge: \(error)")
        }
    }

    /// A login that is no bridge's takes the bridge id as its client id, again and again, and
    /// publishes nonsense wherever it may, and where it may not.
    func takeID(of host: BridgeHost, _ step: Script.Step) async {
        guard let first = await host.running else { return log.note("there is no bridge") }
        let user = setting.everyName.first ?? "monitor"
        let connections = first.errors.count(of: "connected to the broker at")
        let end = ContinuousClock.now + step.lasts
        do {
            repeat {
                let thief = try await TestClient.connect(
                    to: broker,
                    id: host.id,
                    username: user,
                    password: user
                )
                for topic in [
                    "bridge/\(host.id)", "bridge/\(host.id)/duty",
                    "bridge/\(host.id)/plugin", "response/\(user)/x", "event/\(user)",
                ] {
                    let nonsense = #"{"state":"offline","duty":"serving","since":0}"#
                    try await thief.publish("presence/\(topic)", nonsense, retain: true)
                }
                await thief.dropConnection()
            } while ContinuousClock.now < end
        } catch {
            log.find("the login with the bridge id as its client id: \(error)")
        }
        guard first.exit == nil,
            first.errors.count(of: "connected to the broker at") == connections
        else { return log.find("the bridge was thrown off by its client id\n\(first.tail)") }
        log.count(Fault.idTaken.rawValue)
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

extension Child {
    /// The end of what it has logged.
    fileprivate var tail: Substring { errors.suffix(2_000) }
}
