import Presence

extension PresenceCore {
    /// Lets everything happen that has come due.
    mutating func passAlarms(at now: Instant, into effects: inout [Effect]) {
        while let (time, occasion) = alarms.takeDue(at: now.uptime) {
            switch occasion {
            case .device(let id, let name): lookAtDevice(id, name, alarm: time, at: now)
            case .heldStatements(let user): releaseHeld(user, at: now)
            case .strays: clearStrays(at: now)
            case .outbox(let watcher): telling.open(watcher, at: now)
            case .audit: auditSlice(at: now, into: &effects)
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
        sweepAlarms()
    }

    private mutating func sweepAlarms() {
        let (directory, roster, watching) = (directory, roster, watching)
        alarms.sweep { time, occasion in
            guard case .device(let id, let name) = occasion else { return true }
            guard directory.name(of: id) != nil, let index = roster[id].index(of: name) else {
                return false
            }
            return roster[id].devices[index].wake == time
        }
        calendar.sweep { time, occasion in
            switch occasion {
            case .user(let id): directory.name(of: id) != nil && roster[id].wake == time
            case .subscription(let watcher): watching[wakeOf: watcher] == time
            default: true
            }
        }
    }
}
