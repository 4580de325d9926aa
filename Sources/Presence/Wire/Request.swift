/// What a device asks of the bridge, by its form alone: names and numbers are as they were
/// written, and whether they are allowed is decided later.
public enum Request: Hashable, Sendable {
    /// Whom a request is about.
    public enum Target: Hashable, Sendable {
        /// The users named, each once, in the order given.
        case users([String])
        /// Every user.
        case everyone
    }

    /// Be told of changes until the subscription ends.
    case subscribe(Target, expiry: Int64?)
    /// Be told no longer.
    case unsubscribe(Target)
    /// The user's own words.
    case publish(description: String, expiry: Int64?)
    /// The statuses of users.
    case get([String])
    /// Whether users are online.
    case getBrief([String])
    /// Who is online.
    case online(pageSize: Int64?, cursor: String?)
    /// The caller's own subscriptions.
    case subscriptions(pageNum: Int64?, pageSize: Int64?)
    /// What has changed for a watcher that was away.
    case sync(after: Int64?, pageSize: Int64?, cursor: String?)
    /// Who watches the caller.
    case watchers(pageSize: Int64?, cursor: String?)
    /// What has changed of the caller, the newest first: at or after one Unix second, before another.
    case history(after: Int64?, before: Int64?, pageSize: Int64?, cursor: String?)

    /// The operations' names on the wire, each of the case of ``Request`` that has its name; `get` is
    /// that of ``getBrief(_:)``, too.
    public enum Operation: String, Hashable, Sendable, CaseIterable {
        case subscribe, unsubscribe, publish, get, online, subscriptions, sync, watchers, history

        /// The operation of a name; `nil` where there is none.
        package init?(named name: String) {
            let found: Self? = unsafe name.withBytes { bytes in
                switch unsafe RawText(bytes) {
                case "get": .get
                case "subscribe": .subscribe
                case "unsubscribe": .unsubscribe
                case "publish": .publish
                case "online": .online
                case "subscriptions": .subscriptions
                case "sync": .sync
                case "watchers": .watchers
                case "history": .history
                default: nil
                }
            }
            guard let found else { return nil }
            self = found
        }
    }

    /// Reads the parameters of an operation.
    ///
    /// - Throws: ``ErrorCode/malformedRequest`` that names the key.
    public init(_ operation: Operation, reading members: RequestMembers) throws(Refusal) {
        switch operation {
        case .subscribe:
            let target = try Target(reading: members)
            self = .subscribe(target, expiry: try members.expiry.whole("expiry"))
        case .unsubscribe:
            self = .unsubscribe(try Target(reading: members))
        case .publish:
            guard let description = try members.description.text("description") else {
                throw Refusal(.malformedRequest, "description is missing; \"\" takes it away")
            }
            let expiry = try members.expiry.whole("expiry")
            self = .publish(description: description, expiry: expiry)
        case .get:
            let brief = try members.brief.flag("brief")
            guard let usernames = try members.readUsernames() else {
                throw Refusal(.malformedRequest, "usernames is missing: an array of 1 or more")
            }
            self = brief ? .getBrief(usernames) : .get(usernames)
        case .online:
            let pageSize = try members.pageSize.whole("pageSize")
            self = .online(pageSize: pageSize, cursor: try members.cursor.text("cursor"))
        case .subscriptions:
            let pageNum = try members.pageNum.whole("pageNum")
            let pageSize = try members.pageSize.whole("pageSize")
            self = .subscriptions(pageNum: pageNum, pageSize: pageSize)
        case .sync:
            let after = try members.after.whole("after")
            let pageSize = try members.pageSize.whole("pageSize")
            let cursor = try members.cursor.text("cursor")
            self = .sync(after: after, pageSize: pageSize, cursor: cursor)
        case .watchers:
            let pageSize = try members.pageSize.whole("pageSize")
            self = .watchers(pageSize: pageSize, cursor: try members.cursor.text("cursor"))
        case .history:
            let (after, before) = (
                try members.after.whole("after"), try members.before.whole("before")
            )
            let pageSize = try members.pageSize.whole("pageSize")
            let cursor = try members.cursor.text("cursor")
            self = .history(after: after, before: before, pageSize: pageSize, cursor: cursor)
        }
    }
}

extension Request.Target {
    fileprivate init(reading members: RequestMembers) throws(Refusal) {
        let all = try members.all.flag("all")
        switch (try members.readUsernames(), all) {
        case (let usernames?, false): self = .users(usernames)
        case (nil, true): self = .everyone
        case (nil, false):
            throw Refusal(.malformedRequest, "usernames (an array) or \"all\":true is wanted")
        case (_?, true):
            throw Refusal(.malformedRequest, "usernames and all exclude each other")
        }
    }
}
