import BrokerFixture
import Crowd
import DatabaseFixture
import Foundation

/// What is done to bridges that share a database.
extension Stage {
    /// The bridge gets no processor until another one serves, and then has to find that out.
    func stall(_ host: BridgeHost, _ step: Script.Step, _ crowd: Crowd<RandomWalk>) async {
        log.count(step.fault.rawValue)
        await whileTaken(host, crowd) { await host.pause() }
        try? await Task.sleep(for: step.lasts)
        await host.resume()
    }

    /// The bridge reaches the broker no more.
    func cutOff(_ host: BridgeHost, _ step: Script.Step, _ crowd: Crowd<RandomWalk>) async {
        log.count(step.fault.rawValue)
        await host.cutBroker(silently: step.choice.isMultiple(of: 2))
        try? await Task.sleep(for: step.lasts)
        await host.restoreBroker(await thaw(step, of: host, crowd))
    }

    /// The bridge reaches the database no more: for a moment, or until another one serves.
    func cutFromDatabase(
        _ host: BridgeHost,
        _ step: Script.Step,
        _ crowd: Crowd<RandomWalk>
    ) async {
        log.count(step.fault.rawValue)
        let isSilent = step.fault == .databaseSilent
        if step.choice.isMultiple(of: 3) {
            await host.cutDatabase(silently: isSilent)
        } else {
            await whileTaken(host, crowd) { await host.cutDatabase(silently: isSilent) }
        }
        try? await Task.sleep(for: step.lasts)
        await host.restoreDatabase(step.thaw)
    }

    /// The bridge reaches neither until another one serves.
    func isolate(_ host: BridgeHost, _ step: Script.Step, _ crowd: Crowd<RandomWalk>) async {
        log.count(step.fault.rawValue)
        let isSilent = step.fault == .heardLate || !step.choice.isMultiple(of: 3)
        await whileTaken(host, crowd) {
            await host.cutDatabase(silently: isSilent)
            await host.cutBroker(silently: isSilent)
        }
        try? await Task.sleep(for: step.lasts)
        await host.restoreBroker(await thaw(step, of: host, crowd))
        await host.restoreDatabase(step.thaw)
    }

    /// What becomes of the connection of a bridge that was cut off from the broker: it goes on only where no other one
    /// serves meanwhile, but for ``Fault/heardLate``.
    func thaw(
        _ step: Script.Step,
        of host: BridgeHost,
        _ crowd: Crowd<RandomWalk>
    ) async -> Tunnel.Thaw {
        guard fleet.isShared else { return step.thaw }
        if step.fault == .heardLate { return .goOn }
        let serving = await crowd.call { $0.tenures.current?.bridge }
        return step.thaw == .goOn && serving != host.id ? .cut : step.thaw
    }

    /// A bridge that does not serve is killed.
    func killStandby(besides host: BridgeHost, _ step: Script.Step) async {
        let others = fleet.hosts.filter { $0 !== host }
        let other = others[Int(step.choice % UInt64(others.count))]
        if await other.hold(killing: true) { log.count(step.fault.rawValue) }
        try? await Task.sleep(for: step.lasts)
        await other.release(choice: step.choice)
    }

    // MARK: - The database

    /// The database ends, in order or not, and is started again.
    func restartDatabase(_ step: Script.Step) async {
        guard let database = fleet.database else { return }
        databaseHolds += 1
        isDatabaseUp = false
        log.count(step.fault.rawValue)
        await databaseWork.run {
            let ending: DatabaseServer.Ending = step.fault == .databaseKilled ? .killed : .fast
            try? await offPool { database.end(ending) }
        }
        try? await Task.sleep(for: step.lasts)
        databaseHolds -= 1
        await databaseWork.run { [log] in
            guard await self.isDatabaseWanted else { return }
            do {
                try await offPool { try database.start() }
                await self.databaseRuns()
            } catch {
                log.find("the database does not start: \(error)")
            }
        }
    }

    private var isDatabaseWanted: Bool { databaseHolds == 0 && !isDatabaseUp }

    private func databaseRuns() {
        isDatabaseUp = true
        log.note("database runs")
    }
}
