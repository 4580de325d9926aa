import BitCollections
import Presence

/// `get`: the statuses of users, or who of them is online.
extension Call {
    /// - Throws: ``ErrorCode/limitExceeded`` as soon as the answer to a question is too long.
    func get(
        _ usernames: [Name],
        _ names: Names,
        _ statuses: some Statuses
    ) throws(Refusal) -> JSONWriter {
        let room = settings.statusRoom
        var json = JSONWriter(reserving: 256 * usernames.count)
        json.beginObject()
        json.key("users")
        json.beginArray()
        for name in usernames {
            statuses.status(of: name, names, room: room).write(to: &json)
            if isQuestion { try checkLength(of: json) }
        }
        json.endArray()
        json.endObject()
        return json
    }

    func getBrief(_ usernames: [Name], _ names: Names, _ statuses: some Statuses) -> JSONWriter {
        var json = JSONWriter(reserving: 32 * usernames.count)
        json.beginObject()
        json.key("online")
        json.beginObject()
        for name in usernames {
            json.key(name.text)
            json.bool(names.id(of: name).map { statuses.online.contains(Int($0)) } ?? false)
        }
        json.endObject()
        json.endObject()
        return json
    }
}
