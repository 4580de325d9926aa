import Chance
import Presence
import PresenceCore

extension Population {
    /// Fills a core as at a start of the bridge: from the store, then from what is retained.
    ///
    /// What is retained is read within a ttl before `now`, so that promises end one by one.
    ///
    /// - Parameter watched: how many users each one watches.
    func fill(
        _ core: inout PresenceCore,
        watched: Int,
        until now: Instant,
        _ random: inout SeededNumbers
    ) throws(LoadError) {
        let uptime: Int64 = 100_000
        core.restore(.putBroker(BrokerRecord(started: now.second - uptime)))
        restoreUsers(to: &core, at: now)
        restoreSubscriptions(to: &core, watched: watched, at: now, &random)
        core.endRestoring()
        var effects: [Effect] = []
        core.handle(.brokerFound, at: now, into: &effects)
        guard case .read(let reading, .connection)? = effects.last else {
            throw LoadError("a connection begins with a reading, not with \(effects)")
        }
        core.handle(.uptimeReported(uptime, isRetained: true), at: now, into: &effects)
        for status in statuses(at: now) {
            let found = Input.statusFound(user: status.username, payload: status.payload)
            core.handle(found, at: now, into: &effects)
        }
        for device in devices.indices {
            var moment = now
            moment.uptime -=
                (Self.ttl - 1) * 1_000 * Int64(devices.count - device)
                / Int64(devices.count)
            let isOnline = device.isMultiple(of: 2)
            let payload = isOnline ? statement(device) : Array("offline".utf8)
            let found = report(device, payload, reading: reading)
            core.handle(.deviceReported(found), at: moment, into: &effects)
        }
        core.handle(.readingEnded(reading), at: now, into: &effects)
        core.handle(.turnEnded, at: now, into: &effects)
        core.handle(.saved, at: now, into: &effects)
        guard effects.contains(where: { if case .serve = $0 { true } else { false } }) else {
            throw LoadError("after its reading the core serves, but not here")
        }
    }

    private func restoreUsers(to core: inout PresenceCore, at now: Instant) {
        for (status, id) in zip(statuses(at: now), 1...) {
            core.restore(
                .putUser(
                    UserRecord(
                        id: UserID(id),
                        name: status.username,
                        cause: status.cause,
                        since: status.since,
                        updated: status.updated,
                        seq: status.seq
                    )
                )
            )
        }
        for (index, device) in devices.enumerated() {
            let isOnline = index.isMultiple(of: 2)
            core.restore(
                .putDevice(
                    DeviceRecord(
                        user: UserID(device.user + 1),
                        name: device.name,
                        status: isOnline ? StatusWord(checked: Self.words[0]) : .offline,
                        ttl: device.isPhone && isOnline ? Self.ttl : nil,
                        session: device.isPhone && isOnline ? session(index) : nil,
                        epoch: 1,
                        heard: now.second - 1_000
                    )
                )
            )
        }
    }

    private func restoreSubscriptions(
        to core: inout PresenceCore,
        watched: Int,
        at now: Instant,
        _ random: inout SeededNumbers
    ) {
        let life = 604_800 as Int64
        for watcher in 1...names.count {
            for _ in 0..<watched {
                let record = SubscriptionRecord(
                    watcher: UserID(watcher),
                    user: UserID(Int.random(in: 1...names.count, using: &random)),
                    expires: now.second + Int64.random(in: 1...life, using: &random)
                )
                core.restore(.putSubscription(record))
            }
        }
    }

    /// Everyone's status at the start.
    private func statuses(at now: Instant) -> [UserStatus] {
        let since = now.second - 1_000
        var statuses = names.map {
            UserStatus(
                username: $0,
                cause: .logout,
                since: since,
                updated: since,
                seq: now.unix - 1_000_000
            )
        }
        for (index, device) in devices.enumerated() where index.isMultiple(of: 2) {
            let word = StatusWord(checked: Self.words[0])
            statuses[device.user].cause = nil
            statuses[device.user].devices.append(DeviceStatus(name: device.name, status: word))
        }
        for index in statuses.indices {
            statuses[index].devices.sort { $0.name < $1.name }
        }
        return statuses
    }
}

extension Instant {
    /// The Unix second.
    fileprivate var second: Int64 { unix / 1_000 }
}

/// Something that a load relies on is not so.
package struct LoadError: Error, CustomStringConvertible {
    /// What.
    package let description: String

    /// Says what.
    package init(_ description: String) { self.description = description }
}
