import Presence

/// Why a user is as it is: all that is known of one, gathered from the machines.
extension PresenceCore {
    /// How many of a user's last changes an explanation has.
    static let explainedChanges = 10

    /// - Parameter changes: The user's last changes, the newest first; `nil` where they are not known.
    func explain(_ user: Name, _ changes: [LoggedChange]?) -> JSONWriter {
        let id = names.id(of: user)
        var json = JSONWriter(reserving: 1_024)
        json.beginObject()
        json.member("time", max(clock.latest, now.second))
        json.key("status")
        users.status(of: user, names, room: nil).write(to: &json)
        json.whole("descriptionExpires", id.flatMap { users.table[$0].descriptionExpires })
        json.key("devices")
        json.beginArray()
        let known = id.map { devices.explain($0, user) + adoption.explain($0) } ?? []
        for device in known.sorted(by: { $0.name < $1.name }) { device.write(to: &json, at: now) }
        json.endArray()
        json.key("refused")
        refusals.write(of: user, to: &json)
        let subscriptions = watching.subscriptions
        let held = id.map { subscriptions.living(of: $0, at: now) } ?? []
        json.member("subscriptions", Int64(held.count { $0.user != .everyone }))
        json.member("watchesEveryone", held.contains { $0.user == .everyone })
        json.member("watchers", Int64(id.map { subscriptions.watchers(of: $0).count } ?? 0))
        json.member("watchersOfEveryone", Int64(subscriptions.watchers(of: .everyone).count))
        json.key("changes")
        if let changes {
            json.beginArray()
            for change in changes { change.write(to: &json) }
            json.endArray()
        } else {
            json.null()
        }
        json.endObject()
        return json
    }
}

extension Call {
    /// What is read of the change log for an explanation; `nil` where nothing is.
    var explanationQuery: HistoryQuery? {
        guard case .explanation(let user) = command, settings.limits.historyKeep > .zero
        else { return nil }
        return HistoryQuery(of: user, limit: PresenceCore.explainedChanges)
    }
}
