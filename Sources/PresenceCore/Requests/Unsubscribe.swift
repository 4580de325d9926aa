import Presence

/// `unsubscribe`, decided before anything is changed.
extension Call {
    /// Returns whose subscriptions end, and the result to answer with.
    func unsubscribe(
        from usernames: [Name],
        _ held: [Subscription],
        _ names: Names
    ) throws(Refusal) -> (users: [UserID], result: JSONWriter) {
        var users: [UserID] = []
        var ended: [Name] = []
        for name in usernames {
            guard let user = names.id(of: name), held.holds(user) else { continue }
            users.append(user)
            ended.append(name)
        }
        let result = Self.unsubscribed(ended, all: false)
        try checkLength(of: result)
        return (users, result)
    }

    func unsubscribeFromAll(_ held: [Subscription], _ names: Names) throws(Refusal) -> JSONWriter {
        let usernames = held.filter { $0.user != .everyone }.map { names[$0.user] }.sorted()
        let result = Self.unsubscribed(usernames, all: held.first?.user == .everyone)
        try checkLength(of: result)
        return result
    }

    private static func unsubscribed(_ names: [Name], all: Bool) -> JSONWriter {
        var json = JSONWriter()
        json.beginObject()
        json.names("unsubscribed", names)
        if all {
            json.key("all")
            json.bool(true)
        }
        json.endObject()
        return json
    }
}
