import Presence

/// Statements past a user's rate: the newest of each device is kept until there is a token.
extension PresenceCore {
    /// Whether a statement may take effect now; if not, it is kept until it may.
    ///
    /// What takes the place of a statement that was kept learns of its session.
    mutating func meter(_ report: inout Report, at now: Instant) -> Bool {
        let held = statements.held(report.user, report.device)
        let outlivesIt = isNothing(besides: held, report)
        if outlivesIt { noteRefused(report) }
        if let held, !outlivesIt {
            report.heldSession = held.heldSession
            report.cameBack = held.cameBack
            if case .statement(let statement, _) = read(held) {
                report.heldSession = statement.session ?? report.heldSession
                report.cameBack = report.cameBack || statement.status.isOnline
            }
        }
        guard !takeToken(report.user, at: now) else {
            if !outlivesIt { statements.drop(report.user, report.device) }
            return true
        }
        guard !outlivesIt else {
            // It is on the topic now, in the place of what is held.
            statements.changeHeld(report.user, report.device) { $0.isRetained = false }
            return false
        }
        report.arrived = now.uptime
        keep(report, at: now)
        return false
    }

    /// How many devices that are not known may wait at least, of each user.
    private static let fewest = 64

    /// Keeps a statement until there is a token.
    ///
    /// Those of devices that are known are few, and none is dropped. Of others so many are kept; what
    /// goes beyond is found on its topic when everything is read again.
    private mutating func keep(_ report: Report, at now: Instant) {
        let known = directory.id(of: report.user).flatMap { roster[$0].index(of: report.device) }
        let limit = known != nil ? .max : max(Self.fewest, 2 * limits.maxDevices)
        switch statements.hold(report, of: report.user, report.device, limit: limit) {
        case .first:
            let wait = statements.wait(report.user, rate: limits.deviceRate)
            wakeHeld(of: report.user, at: now.uptime + wait)
        case .kept: break
        case .dropped: readings.isFullDue = true
        }
    }

    /// Settles what is held of a device before what a reading brings of it, which is newer: what is
    /// held came before.
    ///
    /// But it may never have been on the topic, or not for long. Then, where the topic is as it was,
    /// it is the newer one; and where it is not, nobody but the device can tell.
    mutating func settleHeld(before report: Report, at now: Instant) {
        guard let held = statements.held(report.user, report.device) else { return }
        guard !isNothing(besides: held, report) else { return noteRefused(report) }
        guard held.isRetained == false else {
            releaseHeld(report.user, report.device, at: now)
            return
        }
        if report.isRetained != false, isAsKnown(report) { return }
        statements.drop(report.user, report.device)
        turn.replies.append(announcement(report.user, report.device))
    }

    /// Whether a topic has what is known of the device.
    private func isAsKnown(_ report: Report) -> Bool {
        guard case .statement(let found, _) = read(report),
            let id = directory.id(of: report.user),
            let index = roster[id].index(of: report.device)
        else { return false }
        return roster[id, index].matches(found)
    }

    /// Lets what is held of a device take effect at once, if anything is: it has spoken, and only
    /// the rate keeps its word back, so that no promise of it is broken and no grace has run out.
    ///
    /// Returns whether something was held.
    @discardableResult
    mutating func releaseHeld(_ user: Name, _ device: Name, at now: Instant) -> Bool {
        guard let report = statements.held(user, device) else { return false }
        statements.drop(user, device)
        takeEffect(report, at: now)
        return true
    }

    /// Notes with what is held of a device that something came after it which cannot be read, so that
    /// the device is asked once the statement has taken effect.
    private mutating func noteRefused(_ report: Report) {
        guard case .refused = read(report) else { return }
        statements.changeHeld(report.user, report.device) { $0.isFollowedByRefused = true }
    }

    /// Whether what came changes nothing about the statement that is held.
    ///
    /// It is no statement, or the will of another connection, and goes when the one that is held is
    /// written to the topic again.
    private func isNothing(besides held: Report?, _ report: Report) -> Bool {
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
            let known = directory.id(of: report.user).flatMap { id in
                roster[id].index(of: report.device).map { roster[id, $0] }
            }
            guard said.status == .lost, let named = said.session,
                let current = session ?? known?.statement.session
            else { return false }
            return named != current
        }
    }

    /// Takes one of a user's tokens for statements.
    mutating func takeToken(_ user: Name, at now: Instant) -> Bool {
        let (rate, burst) = (limits.deviceRate, limits.deviceBurst)
        return statements.take(user, rate: rate, burst: burst, at: now) == .passes
    }

    private mutating func wakeHeld(of user: Name, at uptime: Int64) {
        if let number = statements.number(of: user) {
            alarms.set(.heldStatements(number), at: uptime)
        }
    }

    /// The bucket may have a token for what was held back.
    mutating func releaseHeld(_ user: Name, at now: Instant) {
        guard readings.full == nil else {
            // What is on the topics is known soon, and is not to be overwritten before.
            wakeHeld(of: user, at: now.uptime + 1_000)
            return
        }
        while statements.holds(user) {
            guard takeToken(user, at: now) else {
                let wait = max(1, statements.wait(user, rate: limits.deviceRate))
                wakeHeld(of: user, at: now.uptime + wait)
                return
            }
            if let report = statements.takeHeld(user) { takeEffect(report, at: now) }
        }
    }
}
