import Presence

/// Requests that change nothing.
extension PresenceCore {
    /// How many users one request looks at before its page ends.
    private static let longestScan = 20_000
    /// The bytes of the end of a subscription, in a status.
    private static let expiry = 24
    /// What an answer needs besides its result, in bytes.
    private static let envelope = 1_024
    /// What a page needs besides its list, in bytes: the number of all, and where it goes on.
    private static let aroundPage = 96

    /// Whether a page may become so long: it ends early, but not before its first entry.
    private func isRoom(for length: Int, _ call: Call, isFirst: Bool) -> Bool {
        (isFirst || length + Self.envelope <= limits.maxMessage)
            && takes(length + Self.aroundPage, call)
    }

    /// The status of a name, which need not be known.
    func status(of name: Name) -> UserStatus {
        guard let id = directory.id(of: name) else { return UserStatus(username: name) }
        guard mayBeTooLong else { return roster.status(of: id, named: name) }
        // Where the least of it is too long, the answer is, too, and is refused.
        return toldStatus(of: id, named: name) ?? roster.status(of: id, named: name)
    }

    func get(_ names: [Name]) -> JSONWriter {
        var json = JSONWriter(reserving: 256 * names.count)
        json.beginObject()
        json.key("users")
        json.beginArray()
        for name in names {
            status(of: name).write(to: &json)
        }
        json.endArray()
        json.endObject()
        return json
    }

    func getBrief(_ names: [Name]) -> JSONWriter {
        var json = JSONWriter(reserving: 32 * names.count)
        json.beginObject()
        json.key("online")
        json.beginObject()
        for name in names {
            json.key(name.text)
            json.bool(directory.id(of: name).map { roster.online.contains(Int($0)) } ?? false)
        }
        json.endObject()
        json.endObject()
        return json
    }

    func online(_ call: Call, size: Int, from: UserID) throws(Refusal) -> JSONWriter {
        try nameList(call, total: roster.online.count, size: size) { visit in
            var next = Int(from)
            while let id = roster.online.first(from: next), visit(UserID(id)) {
                next = id + 1
            }
        }
    }

    func watchers(_ call: Call, size: Int, from: UserID) throws(Refusal) -> JSONWriter {
        guard let id = directory.id(of: call.caller) else {
            return try nameList(call, total: 0, size: size) { _ in }
        }
        let watchers = watching.watchers(of: id)
        return try nameList(call, total: watchers.count, size: size) { visit in
            watchers.walk(from: from, visit)
        }
    }

    /// A page of names: the walk offers users in order until it is told to stop.
    private func nameList(
        _ call: Call,
        total: Int,
        size: Int,
        _ walk: ((UserID) -> Bool) -> Void
    ) throws(Refusal) -> JSONWriter {
        var json = JSONWriter(reserving: 64 + 24 * size)
        json.beginObject()
        json.key("total")
        json.integer(Int64(total))
        json.key("usernames")
        json.beginArray()
        var count = 0
        var next: UserID?
        if size > 0 {
            walk { id in
                let name = directory[id]
                let length = json.bytes.count + name.text.utf8.count * 2
                guard count < size, isRoom(for: length, call, isFirst: count == 0) else {
                    next = id
                    return false
                }
                json.string(name.text)
                count += 1
                return true
            }
        }
        json.endArray()
        // A page without an entry that says where to go on would lead nowhere.
        if size > 0, count == 0, next != nil { throw tooLong(json.bytes.count, call) }
        write(next, of: call, to: &json)
        json.endObject()
        return json
    }

    private func write(_ next: UserID?, of call: Call, to json: inout JSONWriter) {
        guard let next else { return }
        json.key("cursor")
        json.string(cursors.cursor(at: next, call.operation, of: call.caller))
    }

    func subscriptions(
        of caller: Name,
        page: Int64,
        size: Int,
        at now: Instant
    ) -> JSONWriter {
        let held = directory.id(of: caller).map { living(of: $0, at: now) } ?? []
        let named = held.filter { $0.user != .everyone }
            .map { (name: directory[$0.user], expires: $0.expires) }
            .sorted { $0.name < $1.name }
        var json = JSONWriter(reserving: 64 + 64 * min(size, named.count))
        json.beginObject()
        json.key("total")
        json.integer(Int64(named.count))
        json.key("pageNum")
        json.integer(page)
        json.key("pageSize")
        json.integer(Int64(size))
        json.key("subscriptions")
        json.beginArray()
        let start = page.multipliedReportingOverflow(by: Int64(size))
        if !start.overflow, start.partialValue < named.count {
            for subscription in named.dropFirst(Int(start.partialValue)).prefix(size) {
                json.beginObject()
                json.key("username")
                json.string(subscription.name.text)
                json.key("expires")
                json.integer(Int64(subscription.expires))
                json.endObject()
            }
        }
        json.endArray()
        if let all = held.first, all.user == .everyone {
            json.key("all")
            write(expires: all.expires, to: &json)
        }
        json.endObject()
        return json
    }

    func write(expires: UInt32, to json: inout JSONWriter) {
        json.beginObject()
        json.key("expires")
        json.integer(Int64(expires))
        json.endObject()
    }

    /// A watcher's subscriptions that have not ended, sorted by number.
    func living(of watcher: UserID, at now: Instant) -> [Subscription] {
        watching.subscriptions(of: watcher).filter { Int64($0.expires) * 1_000 > now.unix }
    }

    mutating func sync(
        _ call: Call,
        after: Int64,
        size: Int,
        from: UserID,
        at now: Instant
    ) throws(Refusal) -> JSONWriter {
        let time = clock.second(at: now)
        // The time that is told here is the least that a later answer may tell.
        if time > broker.clockStored {
            broker.clockStored = time
            ledger.isBrokerDue = true
        }
        var json = JSONWriter(reserving: 4_096)
        json.beginObject()
        json.key("users")
        json.beginArray()
        var next: UserID?
        var count = 0
        walkSynced(by: call.caller, after: after, from: from, at: now) { id, expires, isMember in
            guard isMember else {
                next = id
                return false
            }
            var status = JSONWriter(reserving: 256)
            toldStatus(of: id, named: directory[id])?.write(to: &status, expires: expires)
            if count == 0, !isRoom(for: json.bytes.count + status.bytes.count, call, isFirst: true)
            {
                // Alone on its page it is as long as can be, so that the pages go on behind it.
                let room = way(of: call).room - json.bytes.count - Self.aroundPage - Self.expiry
                status = JSONWriter(reserving: 256)
                roster.status(of: id, named: directory[id]).fitting(room)?
                    .write(to: &status, expires: expires)
            }
            guard !status.bytes.isEmpty else { return true }
            let length = json.bytes.count + status.bytes.count
            guard count < size, isRoom(for: length, call, isFirst: count == 0) else {
                next = id
                return false
            }
            json.raw(status.bytes)
            count += 1
            return true
        }
        json.endArray()
        json.key("time")
        json.integer(time)
        write(next, of: call, to: &json)
        json.endObject()
        return json
    }

    /// Offers the users whom a watcher is to be told of, in order, with the end of the
    /// subscription; offers a non-member when it has looked at enough users for one page.
    private func walkSynced(
        by caller: Name,
        after: Int64,
        from: UserID,
        at now: Instant,
        _ visit: (UserID, Int64, Bool) -> Bool
    ) {
        guard let watcher = directory.id(of: caller) else { return }
        let held = living(of: watcher, at: now)
        let all = held.first.flatMap { $0.user == .everyone ? $0.expires : nil }
        let named = held.drop { $0.user == .everyone || $0.user < from }
        guard let all else {
            for subscription in named
            where after <= 0 || (roster[subscription.user].updated ?? -1) >= after {
                guard visit(subscription.user, Int64(subscription.expires), true) else { return }
            }
            return
        }
        var rest = named
        var scanned = 0
        for id in from..<max(from, directory.end) where directory.name(of: id) != nil {
            if scanned == Self.longestScan {
                _ = visit(id, 0, false)
                return
            }
            scanned += 1
            let own = rest.first?.user == id ? rest.removeFirst().expires : nil
            let isUpdated = (roster[id].updated ?? -1) >= after
            let isMember =
                after <= 0 ? own != nil || roster.online.contains(Int(id)) : isUpdated
            if isMember, !visit(id, Int64(own ?? all), true) { return }
        }
    }
}
