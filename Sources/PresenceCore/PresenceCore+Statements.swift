import Presence

/// What device topics say, and what retained statuses say of them.
extension PresenceCore {
    mutating func receive(_ report: Report) {
        guard readings.phase != .away else { return }
        if adoption.claims(report.user, report.device) {
            return tellDevices { $0.refuseAdopted(report, $1) }
        }
        let hasStatus =
            !broker.isSettled && names.id(of: report.user).map(users.hasStatus) ?? false
        tellDevices { $0.receive(report, hasStatus: hasStatus, &$1) }
    }

    mutating func find(_ payload: [UInt8], of name: Name) {
        guard case .reading = readings.phase else { return }
        let finding = users.find(
            payload,
            of: name,
            names.id(of: name),
            hasReadOnce: readings.hasReadOnce,
            room: settings.statusRoom,
            limits,
            at: now
        )
        switch finding {
        case .known: break
        case .over: turn.writes.append(.clear(.status(name)))
        case .newer(let status):
            let id = names.intern(status.username)
            clock.learn(status.updated)
            adopt(status, of: id)
            users.adopt(status, of: id, limits)
            followUsers()
        }
    }
}
