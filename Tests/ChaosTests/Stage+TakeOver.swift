import Crowd
import Foundation

/// Who serves, and how long it takes until another one does.
extension Stage {
    /// How long it may take, beyond the lease, until another bridge serves in the place of one that was taken away.
    private static let patience = Duration.seconds(5)

    /// The bridge to which a fault is done: the one that serves, which is waited for; `nil` where none comes to serve.
    func target(of fault: Fault, _ crowd: Crowd<RandomWalk>) async -> BridgeHost? {
        guard fleet.isShared else { return fleet.hosts.first }
        let end = ContinuousClock.now + .seconds(15)
        repeat {
            let current = await crowd.call { $0.tenures.current }
            if let host = current.flatMap({ fleet[$0.bridge] }) { return host }
            // Any will do.
            if !fault.isOfBridge { return fleet.hosts.first }
            try? await Task.sleep(for: .milliseconds(20))
        } while ContinuousClock.now < end
        return nil
    }

    /// Does what takes a bridge away, and waits until another one serves.
    func whileTaken(
        _ host: BridgeHost,
        _ crowd: Crowd<RandomWalk>,
        _ take: @escaping @Sendable () async -> Void
    ) async {
        guard fleet.isShared else { return await take() }
        let served = await crowd.call { $0.tenures.all.count }
        async let isOver: Void = awaitTakeOver(from: host, after: served, crowd)
        await take()
        await isOver
    }

    /// Waits until another process serves; what takes too long is a finding.
    ///
    /// Who is to take over needs broker and database, and bridges to which nothing is done: the time counts from the last
    /// moment in which something of that was missing.
    private func awaitTakeOver(
        from host: BridgeHost,
        after served: Int,
        _ crowd: Crowd<RandomWalk>
    ) async {
        let most = setting.lease + Self.patience
        var begun = ContinuousClock.now
        var isAlone = true
        while true {
            let next = await crowd.call { walk in walk.tenures.all.dropFirst(served).first }
            let gap = (next?.begun ?? .now) - begun
            if gap > most {
                log.find("nobody served in the place of \(host.id) within \(most)")
                return
            }
            if let next {
                let seconds = String(format: "%.2f", gap / .seconds(1))
                log.note("\(next.bridge) serves in the place of \(host.id), after \(seconds) s")
                if isAlone { takeOvers.append(gap) } else { log.count("take-overs with more away") }
                return
            }
            if await isObstructed(besides: host) { (begun, isAlone) = (.now, false) }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Whether something is missing that another bridge needs in order to serve.
    private func isObstructed(besides host: BridgeHost) async -> Bool {
        guard isBrokerUp, isDatabaseUp else { return true }
        // Started again, it may own the store, and serve nobody.
        if await host.isCutFromBrokerAlone { return true }
        var isSomebodyReady = false
        for other in fleet.hosts where other !== host {
            if await other.isDisturbed { return true }
            // One that has just begun to look judges nobody.
            let isReady = await other.hasRun(for: setting.lease + .seconds(1))
            isSomebodyReady = isSomebodyReady || isReady
        }
        return !isSomebodyReady
    }
}
