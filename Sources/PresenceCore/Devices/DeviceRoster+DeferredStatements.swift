import Presence

/// Statements past a user's rate: the newest of each device is deferred until there is a token.
extension DeviceRoster {
    /// How many devices that are not known may wait at least, of each user.
    private static let fewest = 64

    /// Takes one of a user's tokens for statements.
    mutating func takeToken(_ user: Name) -> Bool {
        let (rate, burst) = (limits.deviceRate, limits.deviceBurst)
        return deferred.take(user, rate: rate, burst: burst, at: now) == .passes
    }

    /// Whether a statement may take effect now; if not, it is kept until it may.
    ///
    /// What takes the place of a statement that was kept learns of its session.
    mutating func meter(_ report: inout Report, _ names: some Naming) -> Bool {
        let held = deferred.held(report.user, report.device)
        let outlivesIt = isNothing(besides: held, report, names)
        if outlivesIt { noteRefused(report) }
        if let held, !outlivesIt {
            report.heldSession = held.heldSession
            report.cameBack = held.cameBack
            if case .statement(let statement, _) = read(held) {
                report.heldSession = statement.session ?? report.heldSession
                report.cameBack = report.cameBack || statement.status.isOnline
            }
        }
        guard !takeToken(report.user) else {
            if !outlivesIt { deferred.drop(report.user, report.device) }
            return true
        }
        guard !outlivesIt else {
            // It is on the topic now, in the place of what is deferred.
            deferred.change(report.user, report.device) { $0.isRetained = false }
            return false
        }
        report.arrived = now.uptime
        keep(report, names)
        return false
    }

    /// Keeps a statement until there is a token.
    ///
    /// Those of devices that are known are few, and none is dropped. Of others so many are kept; what
    /// goes beyond is found on its topic when everything is read again.
    private mutating func keep(_ report: Report, _ names: some Naming) {
        let isKnown = place(of: report, names) != nil
        let limit = isKnown ? .max : max(Self.fewest, 2 * limits.maxDevices)
        switch deferred.hold(report, of: report.user, report.device, limit: limit) {
        case .first:
            let wait = deferred.wait(report.user, rate: limits.deviceRate)
            wakeDeferred(of: report.user, at: now.uptime + wait)
        case .kept: break
        case .dropped: outcomes.append(.missed)
        }
    }

    /// Settles what is deferred of a device before what a reading brings of it, which is newer: what
    /// is deferred came before.
    ///
    /// But it may never have been on the topic, or not for long. Then, where the topic is as it was,
    /// what is deferred is the newer one; and where it is not, nobody but the device can tell.
    mutating func settleDeferred(before report: Report, _ names: inout some Naming) {
        guard let held = deferred.held(report.user, report.device) else { return }
        guard !isNothing(besides: held, report, names) else { return noteRefused(report) }
        guard held.isRetained == false else {
            _ = release(report.user, report.device, &names)
            return
        }
        if report.isRetained != false, case .statement(let found, _) = read(report),
            let (id, index) = place(of: report, names), table[id, index].matches(found)
        {
            return
        }
        deferred.drop(report.user, report.device)
        ask(report.user, report.device)
    }

    /// Lets what is deferred of a device take effect at once: it has spoken, and only the rate keeps
    /// its word back, so that no promise of it is broken and no grace has run out.
    ///
    /// Returns whether anything was deferred.
    mutating func release(_ user: Name, _ device: Name, _ names: inout some Naming) -> Bool {
        guard let report = deferred.held(user, device) else { return false }
        deferred.drop(user, device)
        takeEffect(report, &names)
        return true
    }

    /// A user's bucket may have a token for what is deferred.
    mutating func releaseDeferred(_ number: MeterNumber, _ names: inout some Naming) {
        guard let user = deferred.user(number) else { return }
        guard known.full == nil else {
            // What is on the topics is known soon, and is not to be overwritten before.
            wakeDeferred(of: user, at: now.uptime + 1_000)
            return
        }
        while deferred.holds(user) {
            guard takeToken(user) else {
                let wait = max(1, deferred.wait(user, rate: limits.deviceRate))
                wakeDeferred(of: user, at: now.uptime + wait)
                return
            }
            if let report = deferred.takeHeld(user) { takeEffect(report, &names) }
        }
    }

    private mutating func wakeDeferred(of user: Name, at uptime: Int64) {
        if let number = deferred.number(of: user) {
            outcomes.append(.alarm(.deferredStatements(number), at: uptime))
        }
    }

    /// Notes with what is deferred of a device that something came after it which cannot be read, so
    /// that the device is asked once the statement has taken effect.
    private mutating func noteRefused(_ report: Report) {
        guard case .refused = read(report) else { return }
        deferred.change(report.user, report.device) { $0.isFollowedByRefused = true }
    }

    /// Whether what came changes nothing about the statement that is deferred.
    ///
    /// It is no statement, or the will of another connection, and goes when the one that is deferred
    /// is written to the topic again.
    private func isNothing(
        besides held: Report?,
        _ report: Report,
        _ names: some Naming
    ) -> Bool {
        guard let held else { return false }
        var session = held.heldSession
        switch read(held) {
        case .nothing: break
        case .statement(let statement, _): session = statement.session ?? session
        case .refused: return false
        }
        switch read(report) {
        case .nothing: return false
        case .refused: return true
        case .statement(let said, _):
            let known = place(of: report, names).map { table[$0.id, $0.index].statement.session }
            guard said.status == .lost, let named = said.session,
                let current = session ?? known ?? nil
            else { return false }
            return named != current
        }
    }
}
