import Presence

/// What the bridge writes to device topics, and what becomes of it.
///
/// Anyone can forge the bridge's mark on a topic of its own, so a correction takes a token of the
/// user's; one that there is none for is left to the audit.
extension PresenceCore {
    /// What the bridge wrote comes back: it must not outlive a newer word of the device.
    mutating func echo(_ statement: Statement, _ report: Report, at now: Instant) {
        unconfirmed.remove(DeviceKey(report.user, report.device))
        // What is held came before this, which was written over it.
        statements.changeHeld(report.user, report.device) { $0.isRetained = false }
        guard let id = directory.id(of: report.user),
            let index = roster[id].index(of: report.device)
        else {
            guard takeToken(report.user, at: now) else { return }
            turn.writes.append(.clear(.device(report.user, report.device)))
            return
        }
        let device = roster[id, index]
        guard device.departure?.forgets == true || !device.matches(statement) else {
            roster[id, index].confirmVerdict()
            return
        }
        if takeToken(report.user, at: now) { putBack(id, index) }
    }

    /// A topic that the bridge emptied: the device may have spoken since.
    mutating func echoClear(_ report: Report, at now: Instant) {
        unconfirmed.remove(DeviceKey(report.user, report.device))
        statements.changeHeld(report.user, report.device) { $0.isRetained = false }
        guard let id = directory.id(of: report.user),
            let index = roster[id].index(of: report.device),
            roster[id, index].departure?.forgets != true
        else { return }
        if takeToken(report.user, at: now) { putBack(id, index) }
    }

    /// Writes the device's last statement to its topic, or clears that if it is to be forgotten.
    mutating func putBack(_ id: UserID, _ index: Int) {
        let device = roster[id, index]
        // What is held was on the topic, and is to be written again when it takes effect.
        statements.changeHeld(directory[id], device.name) { $0.isRetained = false }
        guard device.departure?.forgets != true else {
            turn.writes.append(.clear(.device(directory[id], device.name)))
            return
        }
        var statement = device.statement
        // A verdict is the bridge's, and of no connection.
        if statement.cause != nil { statement.session = nil }
        statement.by = bridgeID
        turn.writes.append(.retain(.device(directory[id], device.name), statement.payload))
    }
}
