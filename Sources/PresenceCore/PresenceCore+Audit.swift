import Presence

/// The slices in which everything is read again.
extension PresenceCore {
    mutating func scheduleAudit() {
        if let time = readings.scheduleAudit(limits, at: now) { alarms.set(.audit, at: time) }
    }

    mutating func audit() {
        readings.passAuditAlarm()
        scheduleAudit()
        if readings.isFullReadingDue(limits, at: now) { readEverything() }
        guard let slice = readings.auditSlice(of: names.end, limits, at: now) else { return }
        let read = slice.filter {
            names.name(of: $0) != nil && (users.knows($0) || devices.knows($0))
        }
        ask(adopted: adoption.topics(of: slice))
        guard !read.isEmpty else { return }
        effects.append(.read(readings.beginSlice(read, at: now), .users(read.map { names[$0] })))
    }
}
