import Presence

/// Statements past a user's rate: the newest of each device is deferred until there is a token.
extension Devices {
    /// How many devices that are not known may wait at least, of each user.
    private static let fewest = 64

    /// Takes one of a user's tokens for statements.
    mutating func takeToken(_ user: Name) -> Bool {
        let (rate, burst) = (limits.deviceRate, limits.deviceBurst)
        return rates.take(user, rate: rate, burst: burst, at: now) == .passes
    }

    /// Lets a statement take effect, or keeps it until it may.
    ///
    /// What takes the place of a statement that was kept learns of its session.
    ///
    /// - Parameter isMetered: whether it takes a token; what the operator says takes none.
    mutating func meter(
        _ report: Report,
        _ content: Content,
        isMetered: Bool = true,
        _ names: inout Names
    ) {
        guard let deferred = rates.deferred(report.user, report.device) else {
            // The rule.
            if !isMetered || takeToken(report.user) {
                takeEffect(content, report, &names)
            } else {
                keep(report, names)
            }
            return
        }
        let outlivesIt = outlives(deferred, report, names)
        var report = report
        if outlivesIt {
            noteRefused(report)
        } else {
            report.deferredSession = deferred.deferredSession
            report.cameBack = deferred.cameBack
            if case .statement(let statement, _) = read(deferred) {
                report.deferredSession = statement.session ?? report.deferredSession
                report.cameBack = report.cameBack || statement.status.isOnline
            }
        }
        if !isMetered || takeToken(report.user) {
            if !outlivesIt { rates.drop(report.user, report.device) }
            takeEffect(content, report, &names)
        } else if outlivesIt {
            // It is on the topic now, in the place of what is deferred.
            rates.change(report.user, report.device) { $0.isRetained = false }
        } else {
            keep(report, names)
        }
    }

    /// Keeps a statement until there is a token.
    ///
    /// Those of devices that are known are few, and none is dropped. Of others so many are kept; what
    /// goes beyond is found on its topic when everything is read again.
    private mutating func keep(_ report: Report, _ names: Names) {
        var report = report
        report.arrived = now.uptime
        let isKnown = place(of: report, names) != nil
        let limit = isKnown ? .max : max(Self.fewest, 2 * limits.maxDevices)
        switch rates.put(report, of: report.user, report.device, limit: limit) {
        case .first:
            let wait = rates.wait(report.user, rate: limits.deviceRate)
            wakeDeferred(of: report.user, at: now.uptime + wait)
        case .kept: break
        case .dropped: outcomes.append(.missed)
        }
    }

    /// Decides about a device's deferred statement before what a reading found on its topic takes effect.
    ///
    /// The deferred statement came before the reading, so it takes effect first. But one that was
    /// published without the retain flag, or written over, is not on the topic. Then, if the topic says
    /// that the device is there, as is known, the deferred statement is newer and waits on, unless that word was
    /// said since (``meetKnownWord(_:deferred:)``); if the topic says something else, only the device knows which of the two is newer, and it is asked. So it is where the
    /// device has gone, as is known: it may have gone once more since, and that was missed.
    mutating func resolveDeferred(before report: Report, _ names: inout Names) {
        guard let deferred = rates.deferred(report.user, report.device) else { return }
        guard !outlives(deferred, report, names) else { return noteRefused(report) }
        guard deferred.isRetained == false else {
            _ = release(report.user, report.device, &names)
            return
        }
        if report.isRetained != false, case .statement(let found, _) = read(report),
            let (id, index) = place(of: report, names), table[id, index].matches(found),
            found.status.isOnline
        {
            return meetKnownWord(report, deferred: deferred)
        }
        rates.drop(report.user, report.device)
        ask(report.user, report.device)
    }

    /// The known word of a device comes while another one of it is deferred, which is not on the topic.
    ///
    /// By the lasting subscription it is a copy from before the deferred one, or the device has said it once more: the
    /// device is asked. A copy comes once in a reading, so the second time the device has said it.
    private mutating func meetKnownWord(_ report: Report, deferred: Report) {
        guard report.reading == nil, let full = known.full else { return }
        guard deferred.metKnownWordIn != full else {
            return rates.drop(report.user, report.device)
        }
        rates.change(report.user, report.device) { $0.metKnownWordIn = full }
        ask(report.user, report.device)
    }

    /// Lets what is deferred of a device take effect at once: it has spoken, and only the rate keeps
    /// its word back, so that no promise of it is broken and no grace has run out.
    ///
    /// Returns whether anything was deferred.
    mutating func release(_ user: Name, _ device: Name, _ names: inout Names) -> Bool {
        guard let report = rates.deferred(user, device) else { return false }
        rates.drop(user, device)
        takeEffect(report, &names)
        return true
    }

    /// A user's bucket may have a token for what is deferred.
    mutating func releaseDeferred(_ number: MeterNumber, _ names: inout Names) {
        guard let user = rates.user(number) else { return }
        guard known.full == nil else {
            // What is on the topics is known soon, and is not to be overwritten before.
            wakeDeferred(of: user, at: now.uptime + 1_000)
            return
        }
        while rates.hasDeferred(of: user) {
            guard takeToken(user) else {
                let wait = max(1, rates.wait(user, rate: limits.deviceRate))
                wakeDeferred(of: user, at: now.uptime + wait)
                return
            }
            if let report = rates.takeDeferred(user) { takeEffect(report, &names) }
        }
    }

    private mutating func wakeDeferred(of user: Name, at uptime: Int64) {
        if let number = rates.number(of: user) {
            outcomes.append(.device(.alarm(.deferredStatements(number), at: uptime)))
        }
    }

    /// Notes with a deferred statement that something came after it which cannot be read, so that the
    /// device is asked once the statement has taken effect.
    private mutating func noteRefused(_ report: Report) {
        guard case .refused = read(report) else { return }
        rates.change(report.user, report.device) { $0.isFollowedByRefused = true }
    }

    /// Whether a deferred statement stays as it is after a report: one that cannot be read, or the will
    /// of another connection.
    ///
    /// What the report left on the topic goes when the deferred statement is written there again.
    private func outlives(_ deferred: Report, _ report: Report, _ names: Names) -> Bool {
        var session = deferred.deferredSession
        switch read(deferred) {
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
