import Presence

extension PresenceCore {
    /// Lets everything happen that has come due.
    mutating func passAlarms(at now: Instant, into effects: inout [Effect]) {
        while let (time, occasion) = alarms.takeDue(at: now.uptime) {
            switch occasion {
            case .device(let id, let number): lookAtDevice(id, number, alarm: time, at: now)
            case .heldStatements(let number):
                if let user = statements.user(number) { releaseHeld(user, at: now) }
            case .strays: clearStrays(at: now)
            case .outbox(let watcher): telling.open(watcher, at: now)
            case .audit: auditSlice(at: now, into: &effects)
            case .rereading: readEverything(at: now, into: &effects)
            case .suspectsAsked: askSuspects(at: now)
            case .suspectsEnd: giveUpSuspects(at: now, into: &effects)
            case .certainty:
                if let until = broker.uncertainUntil, until <= now.uptime {
                    becomeCertain(at: now)
                }
            case .store: storeFault?.isRetryDue = true
            case .subscription, .user: preconditionFailure("\(occasion) is on the calendar")
            }
        }
        while let (time, occasion) = calendar.takeDue(at: now.unix) {
            switch occasion {
            case .subscription(let watcher):
                endSubscriptions(of: watcher, alarm: time, at: now)
            case .user(let id): lookAtUser(id, alarm: time, at: now)
            default: preconditionFailure("\(occasion) is not on the calendar")
            }
        }
        if alarms.isCrowded || calendar.isCrowded { sweepAlarms() }
    }

    private mutating func sweepAlarms() {
        alarms.sweep { [directory, roster] time, occasion in
            guard case .device(let id, let number) = occasion else { return true }
            guard directory.name(of: id) != nil, let index = roster[id].index(of: number) else {
                return false
            }
            return roster[id, index].wake == time
        }
        calendar.sweep { [directory, roster, watching] time, occasion in
            switch occasion {
            case .user(let id): directory.name(of: id) != nil && roster[id].wake == time
            case .subscription(let watcher): watching[wakeOf: watcher] == time
            default: true
            }
        }
    }
}
