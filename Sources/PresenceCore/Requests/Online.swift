import BitCollections
import Presence

/// `online` and `watchers`: pages of names.
extension Call {
    func online(
        size: Int,
        from: UserID,
        _ names: Names,
        _ statuses: some Statuses
    ) throws(Refusal) -> JSONWriter {
        let online = statuses.online
        return try nameList(of: online.count, size, names) { visit in
            for id in online[members: Int(from)...] where !visit(UserID(id)) { return }
        }
    }

    func watchers(
        _ watchers: WatcherSet,
        size: Int,
        from: UserID,
        _ names: Names
    ) throws(Refusal) -> JSONWriter {
        try nameList(of: watchers.count, size, names) { watchers.walk(from: from, $0) }
    }

    /// A page of names: the walk offers users in order until it is told to stop.
    private func nameList(
        of total: Int,
        _ size: Int,
        _ names: Names,
        _ walk: ((UserID) -> Bool) -> Void
    ) throws(Refusal) -> JSONWriter {
        var json = JSONWriter(reserving: 64 + 24 * size)
        json.beginObject()
        json.integer("total", Int64(total))
        json.key("usernames")
        json.beginArray()
        var count = 0
        var next: UserID?
        if size > 0 {
            walk { id in
                let name = names[id]
                let length = json.bytes.count + name.text.utf8.count * 2
                guard count < size, isRoom(for: length, isFirst: count == 0) else {
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
        if size > 0, count == 0, next != nil { throw tooLong(json.bytes.count) }
        write(next, to: &json)
        json.endObject()
        return json
    }
}
