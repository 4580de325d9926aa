import BitCollections
import Presence

/// `sync`: the statuses that have changed since a second, of those whom the caller watches.
extension Call {
    /// How many users one request looks at before its page ends.
    private static let longestScan = 20_000
    /// The bytes of the end of a subscription, in a status.
    private static let expiry = 24

    /// - Parameters:
    ///   - time: the second that is told with the answer.
    ///   - held: the caller's subscriptions that have not ended, sorted by user.
    func sync(
        after: Int64,
        size: Int,
        from: UserID,
        time: Int64,
        _ held: [Subscription],
        _ names: Names,
        _ statuses: some Statuses
    ) -> JSONWriter {
        var json = JSONWriter(reserving: 4_096)
        json.beginObject()
        json.key("users")
        json.beginArray()
        let statusRoom = settings.statusRoom
        var next: UserID?
        var count = 0
        let visit = { [self] (id: UserID, expires: Int64, isMember: Bool) -> Bool in
            guard isMember else {
                next = id
                return false
            }
            var status = JSONWriter(reserving: 256)
            statuses.shown(id, named: names[id], room: statusRoom)?
                .write(to: &status, expires: expires)
            let alone = json.bytes.count + status.bytes.count
            if count == 0, !isRoom(for: alone, isFirst: true) {
                // Alone on its page it is as long as can be, so that the pages go on behind it.
                let around = json.bytes.count + Self.aroundPage + Self.expiry
                status = JSONWriter(reserving: 256)
                statuses.status(of: id, named: names[id])
                    .fitting((way?.room ?? .max) - around)?
                    .write(to: &status, expires: expires)
            }
            guard !status.bytes.isEmpty else { return true }
            let length = json.bytes.count + status.bytes.count
            guard count < size, isRoom(for: length, isFirst: count == 0) else {
                next = id
                return false
            }
            json.raw(status.bytes)
            count += 1
            return true
        }
        Self.walk(held, after: after, from..<max(from, names.end), names, statuses, visit)
        json.endArray()
        json.integer("time", time)
        write(next, to: &json)
        json.endObject()
        return json
    }

    /// Offers the users whom a watcher is to be told of, in order, with the end of the
    /// subscription; offers a non-member when it has looked at enough users for one page.
    private static func walk(
        _ held: [Subscription],
        after: Int64,
        _ ids: Range<UserID>,
        _ names: Names,
        _ statuses: some Statuses,
        _ visit: (UserID, Int64, Bool) -> Bool
    ) {
        let all = held.first.flatMap { $0.user == .everyone ? $0.expires : nil }
        var rest = held.drop { $0.user == .everyone || $0.user < ids.lowerBound }
        guard let all else {
            for subscription in rest
            where after <= 0 || (statuses.updated(subscription.user) ?? -1) >= after {
                guard visit(subscription.user, Int64(subscription.expires), true) else { return }
            }
            return
        }
        var scanned = 0
        for id in ids where names.name(of: id) != nil {
            guard scanned < longestScan else {
                _ = visit(id, 0, false)
                return
            }
            scanned += 1
            let own = rest.first?.user == id ? rest.removeFirst().expires : nil
            let isMember =
                after <= 0
                ? own != nil || statuses.online.contains(Int(id))
                : (statuses.updated(id) ?? -1) >= after
            if isMember, !visit(id, Int64(own ?? all), true) { return }
        }
    }
}
