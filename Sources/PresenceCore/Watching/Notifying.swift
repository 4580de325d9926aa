import Presence

extension PresenceCore {
    /// Writes the batches of events that are due.
    ///
    /// - Parameter written: the statuses that were written, each once; their bytes are copied.
    mutating func notify(
        _ written: inout NumberTable<[UInt8]>,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        telling.walk(watching)
        let interval = limits.eventInterval.milliseconds
        var batch = Batch(limit: limits.maxMessage)
        var room = Telling.bytesPerTurn
        while room > 0, let (watcher, items) = telling.nextDue(interval: interval, at: now) {
            alarms.set(.outbox(watcher), at: now.uptime + interval)
            guard let name = directory.name(of: watcher) else { continue }
            for item in items {
                switch item {
                case .frozen(let bytes, _), .end(let bytes, _): batch.append(bytes)
                case .status(let user):
                    if let bytes = payload(of: user, &written) { batch.append(bytes) }
                }
            }
            if batch.count == 0 { telling.reopen(watcher) }
            counts.updates += batch.count
            batch.take { message in
                counts.events += 1
                room -= message.count
                effects.append(.notify(name, message))
            }
        }
    }

    /// A user's status, which is written once; `nil` for one who is forgotten.
    func payload(of user: UserID, _ written: inout NumberTable<[UInt8]>) -> [UInt8]? {
        if let bytes = written[user] { return bytes }
        guard let name = directory.name(of: user), roster[user].seq > 0 else { return nil }
        let bytes = roster.status(of: user, named: name).payload
        written[user] = bytes
        return bytes
    }
}
