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
        var bulletin = Bulletin()
        var room = Telling.bytesPerTurn
        while room > 0, let (watcher, items) = telling.nextDue(interval: interval, at: now) {
            alarms.set(.outbox(watcher), at: now.uptime + interval)
            guard let name = directory.name(of: watcher) else { continue }
            if items != bulletin.items {
                bulletin.publish(into: &effects)
                bulletin = write(items, &written)
            }
            guard bulletin.updates > 0 else {
                telling.reopen(watcher)
                continue
            }
            bulletin.append(name)
            counts.updates += bulletin.updates
            counts.events += bulletin.messages.count
            room -= bulletin.bytes
        }
        bulletin.publish(into: &effects)
    }

    private func write(
        _ items: [Outbox.Item],
        _ written: inout NumberTable<[UInt8]>
    ) -> Bulletin {
        var batch = Batch(limit: min(limits.maxMessage, packets.eventRoom(topics)))
        for item in items {
            switch item {
            case .frozen(let bytes, _), .end(let bytes, _): batch.append(bytes)
            case .status(let user):
                if let bytes = payload(of: user, &written) { batch.append(bytes) }
            }
        }
        return Bulletin(items, batch)
    }

    /// A user's status, which is written once; `nil` for one who is forgotten.
    func payload(of user: UserID, _ written: inout NumberTable<[UInt8]>) -> [UInt8]? {
        if let bytes = written[user] { return bytes }
        guard let name = directory.name(of: user), roster[user].seq > 0,
            let bytes = toldStatus(of: user, named: name)?.payload
        else { return nil }
        written[user] = bytes
        return bytes
    }
}
