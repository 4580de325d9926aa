extension Request {
    /// The last level of the topic that the request is published to.
    public var operation: Operation {
        switch self {
        case .subscribe: .subscribe
        case .unsubscribe: .unsubscribe
        case .publish: .publish
        case .get, .getBrief: .get
        case .online: .online
        case .subscriptions: .subscriptions
        case .sync: .sync
        case .watchers: .watchers
        case .history: .history
        }
    }

    /// The request as a JSON object, under an id that the answer repeats.
    public func payload(id: RequestID? = nil) -> [UInt8] {
        var json = JSONWriter(reserving: 256)
        json.beginObject()
        json.id(id)
        switch self {
        case .subscribe(let target, let expiry):
            json.target(target)
            json.member("expiry", expiry)
        case .unsubscribe(let target):
            json.target(target)
        case .publish(let description, let expiry):
            json.member("description", description)
            json.member("expiry", expiry)
        case .get(let usernames):
            json.target(.users(usernames))
        case .getBrief(let usernames):
            json.target(.users(usernames))
            json.member("brief", true)
        case .online(let pageSize, let cursor), .watchers(let pageSize, let cursor):
            json.member("pageSize", pageSize)
            json.member("cursor", cursor)
        case .subscriptions(let pageNum, let pageSize):
            json.member("pageNum", pageNum)
            json.member("pageSize", pageSize)
        case .sync(let after, let pageSize, let cursor):
            json.member("after", after)
            json.member("pageSize", pageSize)
            json.member("cursor", cursor)
        case .history(let after, let before, let pageSize, let cursor):
            json.member("after", after)
            json.member("before", before)
            json.member("pageSize", pageSize)
            json.member("cursor", cursor)
        }
        json.endObject()
        return json.bytes
    }
}

extension JSONWriter {
    /// Writes the id of a request or of its answer, if there is one.
    mutating func id(_ id: RequestID?) {
        switch id {
        case nil: break
        case .integer(let value)?: member("id", value)
        case .text(let text)?: member("id", text)
        }
    }

    fileprivate mutating func target(_ target: Request.Target) {
        switch target {
        case .everyone: member("all", true)
        case .users(let usernames):
            key("usernames")
            beginArray()
            for username in usernames { string(username) }
            endArray()
        }
    }
}
