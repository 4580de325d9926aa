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

    /// The operations' names on the wire, each of the case of ``Request`` that has its name; `get` is
    /// that of ``getBrief(_:)``, too.
    public enum Operation: String, Hashable, Sendable, CaseIterable {
        case subscribe, unsubscribe, publish, get, online, subscriptions, sync, watchers
    }

    /// Reads the parameters of an operation.
    ///
    /// - Throws: ``ErrorCode/malformedRequest`` that names the key.
    public init(_ operation: Operation, reading object: JSONObject) throws(Refusal) {
        switch operation {
        case .subscribe:
            let target = try Target(reading: object)
            self = .subscribe(target, expiry: try object.whole("expiry"))
        case .unsubscribe:
            self = .unsubscribe(try Target(reading: object))
        case .publish:
            guard let description = try object.text("description") else {
                throw Refusal(.malformedRequest, "description is missing; \"\" takes it away")
            }
            self = .publish(description: description, expiry: try object.whole("expiry"))
        case .get:
            let brief = try object.flag("brief")
            guard let usernames = try object.usernames() else {
                throw Refusal(.malformedRequest, "usernames is missing: an array of 1 or more")
            }
            self = brief ? .getBrief(usernames) : .get(usernames)
        case .online:
            let pageSize = try object.whole("pageSize")
            self = .online(pageSize: pageSize, cursor: try object.text("cursor"))
        case .subscriptions:
            let pageNum = try object.whole("pageNum")
            self = .subscriptions(pageNum: pageNum, pageSize: try object.whole("pageSize"))
        case .sync:
            let after = try object.whole("after")
            let pageSize = try object.whole("pageSize")
            self = .sync(after: after, pageSize: pageSize, cursor: try object.text("cursor"))
        case .watchers:
            let pageSize = try object.whole("pageSize")
            self = .watchers(pageSize: pageSize, cursor: try object.text("cursor"))
        }
    }
}

extension Request.Target {
    fileprivate init(reading object: JSONObject) throws(Refusal) {
        let all = try object.flag("all")
        switch (try object.usernames(), all) {
        case (let usernames?, false): self = .users(usernames)
        case (nil, true): self = .everyone
        case (nil, false):
            throw Refusal(.malformedRequest, "usernames (an array) or \"all\":true is wanted")
        case (_?, true):
            throw Refusal(.malformedRequest, "usernames and all exclude each other")
        }
    }
}

extension [String] {
    fileprivate var repeatsText: Bool {
        for index in indices {
            for earlier in 0..<index where self[earlier].hasSameBytes(as: self[index]) {
                return true
            }
        }
        return false
    }
}

extension JSONObject {
    /// Up to so many usernames, comparing each with each is quicker than hashing.
    private static let few = 16

    /// The usernames, each once at its first place; `nil` where the key is absent.
    fileprivate func usernames() throws(Refusal) -> [String]? {
        guard let texts = try texts("usernames") else { return nil }
        guard !texts.isEmpty else {
            throw Refusal(.malformedRequest, "usernames is empty; it has 1 or more")
        }
        guard texts.count > 1, texts.count > Self.few || texts.repeatsText else { return texts }
        var seen = Set<ExactText>(minimumCapacity: texts.count)
        return texts.filter { seen.insert(ExactText($0)).inserted }
    }
}
