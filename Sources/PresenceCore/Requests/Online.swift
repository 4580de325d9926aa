import Presence

/// `online` and `watchers`: pages of names.
extension Call {
    func online(
        size: Int,
        from: UserID,
        _ names: some Naming,
        _ statuses: some StatusBook,
        _ settings: Settings,
        _ cursors: Cursors
    ) throws(Refusal) -> JSONWriter {
        let online = statuses.online
        return try nameList(online.count, size, names, settings, cursors) { visit in
            var next = Int(from)
            while let id = online.first(from: next), visit(UserID(id)) {
                next = id + 1
            }
        }
    }

    func watchers(
        size: Int,
        from: UserID,
        _ names: some Naming,
        _ subscriptions: some SubscriptionBook,
        _ settings: Settings,
        _ cursors: Cursors
    ) throws(Refusal) -> JSONWriter {
        guard let id = names.id(of: caller) else {
            return try nameList(0, size, names, settings, cursors) { _ in }
        }
        let watchers = subscriptions.watchers(of: id)
        return try nameList(watchers.count, size, names, settings, cursors) { visit in
            watchers.walk(from: from, visit)
        }
    }

    /// A page of names: the walk offers users in order until it is told to stop.
    private func nameList(
        _ total: Int,
        _ size: Int,
        _ names: some Naming,
        _ settings: Settings,
        _ cursors: Cursors,
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
                let name = names[id]
                let length = json.bytes.count + name.text.utf8.count * 2
                guard count < size, isRoom(for: length, isFirst: count == 0, settings) else {
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
        if size > 0, count == 0, next != nil { throw tooLong(json.bytes.count, settings) }
        write(next, cursors, to: &json)
        json.endObject()
        return json
    }
}
