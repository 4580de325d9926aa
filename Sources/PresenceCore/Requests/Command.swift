import Presence

/// A request whose names and numbers are allowed.
enum Command: Hashable, Sendable {
    case subscribe([Name], expiry: Int64)
    case subscribeToAll(expiry: Int64)
    case unsubscribe([Name])
    case unsubscribeFromAll
    case publish(description: String, expiry: Int64?)
    case status(Name)
    /// All that is known of a user, which only an operator may ask.
    case explanation(Name)
    case get([Name])
    case getBrief([Name])
    case online(size: Int, from: UserID)
    case subscriptions(page: Int64, size: Int)
    case sync(after: Int64, size: Int, from: UserID)
    case watchers(size: Int, from: UserID)
    case history(after: Int64, before: Int64, size: Int, below: Int64)

    /// Whether it changes what is stored.
    var isChange: Bool {
        switch self {
        case .subscribe, .subscribeToAll, .unsubscribe, .unsubscribeFromAll, .publish: true
        case .status, .explanation, .get, .getBrief, .online, .subscriptions, .sync, .watchers,
            .history:
            false
        }
    }

    /// Checks a request's names and numbers.
    ///
    /// - Throws: the first of its faults in the order of the protocol's error codes.
    init(_ request: Request, of caller: Name, limits: Limits, cursors: Cursors) throws(Refusal) {
        let place = { (cursor: String?, operation) throws(Refusal) -> UserID in
            guard let cursor else { return 1 }
            return UserID(clamping: try cursors.place(of: cursor, operation, of: caller))
        }
        switch request {
        case .subscribe(.users(let texts), let expiry):
            let names = try Self.names(texts, limit: limits.maxUsernames)
            let expiry = try Self.expiry(expiry ?? limits.defaultExpiry, limits)
            self = .subscribe(names, expiry: expiry)
        case .subscribe(.everyone, let expiry):
            let expiry = try Self.expiry(expiry ?? limits.defaultExpiry, limits)
            try Self.check(limits.allowSubscribeAll, caller, "subscribe to everyone")
            self = .subscribeToAll(expiry: expiry)
        case .unsubscribe(.users(let texts)):
            self = .unsubscribe(try Self.names(texts, limit: limits.maxUsernames))
        case .unsubscribe(.everyone):
            self = .unsubscribeFromAll
        case .publish(let description, let expiry):
            let expiry = try expiry.map { value throws(Refusal) in
                try Self.expiry(value, limits)
            }
            guard description.utf8.count <= limits.maxDescription else {
                throw Refusal(
                    .invalidDescription,
                    "a description has \(limits.maxDescription) bytes at most; this one has "
                        + "\(description.utf8.count)"
                )
            }
            self = .publish(description: description, expiry: expiry)
        case .get(let texts):
            self = .get(try Self.names(texts, limit: limits.maxUsernames))
        case .getBrief(let texts):
            self = .getBrief(try Self.names(texts, limit: limits.maxBriefUsernames))
        case .online(let size, let cursor):
            let size = try Self.size(size, default: 50, Limits.namePages)
            let from = try place(cursor, .online)
            try Self.check(limits.allowOnline, caller, "ask who is online")
            self = .online(size: size, from: from)
        case .subscriptions(let page, let size):
            guard page ?? 0 >= 0 else {
                throw Refusal(.invalidPage, "pageNum is 0 or more")
            }
            let size = try Self.size(size, default: 50, Limits.fullPages)
            self = .subscriptions(page: page ?? 0, size: size)
        case .sync(let after, let size, let cursor):
            let size = try Self.size(size, default: 100, Limits.fullPages)
            self = .sync(after: after ?? 0, size: size, from: try place(cursor, .sync))
        case .watchers(let size, let cursor):
            let size = try Self.size(size, default: 50, Limits.namePages)
            let from = try place(cursor, .watchers)
            try Self.check(limits.allowWatchers, caller, "ask who watches them")
            self = .watchers(size: size, from: from)
        case .history(let after, let before, let size, let cursor):
            let size = try Self.size(size, default: 50, Limits.fullPages)
            let below = try cursor.map { cursor throws(Refusal) in
                try cursors.place(of: cursor, .history, of: caller)
            }
            guard limits.historyKeep > .zero else {
                throw Refusal(.forbidden, "the operator keeps no history")
            }
            self = .history(
                after: after ?? .min,
                before: before ?? .max,
                size: size,
                below: below ?? .max
            )
        }
    }

    /// Checks the name of a user whose status is asked for.
    init(statusOf text: String) throws(Refusal) {
        self = .status(try Self.names([text], limit: 1)[0])
    }

    /// Checks the name of a user of whom all is asked that is known.
    init(explanationOf text: String) throws(Refusal) {
        self = .explanation(try Self.names([text], limit: 1)[0])
    }

    private static func names(_ texts: [String], limit: Int) throws(Refusal) -> [Name] {
        guard texts.count <= limit else {
            throw Refusal(
                .tooManyUsers,
                "\(limit) users per request at most; this one has \(texts.count)"
            )
        }
        var names: [Name] = []
        names.reserveCapacity(texts.count)
        for text in texts {
            guard let name = Name(user: text) else {
                throw Refusal(
                    .invalidUsername,
                    "\"\(String(text.unicodeScalars.prefix(40)))\" is no username: 1 to \(Name.longestUser) bytes "
                        + "without / + # and control characters, not starting with $"
                )
            }
            names.append(name)
        }
        return names
    }

    private static func expiry(_ expiry: Int64, _ limits: Limits) throws(Refusal) -> Int64 {
        guard (1...limits.maxExpiry).contains(expiry) else {
            throw Refusal(
                .invalidExpiry,
                "expiry is 1 to \(limits.maxExpiry) seconds, not \(expiry)"
            )
        }
        return expiry
    }

    private static func size(
        _ size: Int64?,
        default usual: Int64,
        _ range: ClosedRange<Int64>
    ) throws(Refusal) -> Int {
        let size = size ?? usual
        guard range.contains(size) else {
            throw Refusal(
                .invalidPage,
                "pageSize is \(range.lowerBound) to \(range.upperBound), not \(size)"
            )
        }
        return Int(size)
    }

    private static func check(
        _ permission: Permission,
        _ caller: Name,
        _ act: String
    ) throws(Refusal) {
        guard permission.includes(caller) else {
            throw Refusal(.forbidden, "the operator does not let \(caller) \(act)")
        }
    }
}
