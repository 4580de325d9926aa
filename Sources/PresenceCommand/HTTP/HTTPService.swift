import Presence
import PresenceClient

/// A bridge that is asked over HTTP, as one that is asked over MQTT.
///
/// A token is nobody's: what is a user's own is asked for the user who was named.
struct HTTPService: PresenceService {
    private static let usersPerQuery = 1_000
    private static let usersPerRequest = 100
    private static let pageSize = 500

    let caller: HTTPCaller

    init(_ options: HTTPOptions) { caller = HTTPCaller(options: options) }

    private var viewer: (name: String, value: String?) { ("as", caller.options.username?.text) }

    /// The path of what is a user's own.
    private func own(_ rest: String) throws(UsageError) -> String {
        guard let name = caller.options.username else {
            throw UsageError(
                "whose? A token is nobody's: give --username, or set PRESENCE_USERNAME, or write 'username "
                    + "NAME' into ~/.config/presence.conf"
            )
        }
        return "/v1/users/\(HTTPCaller.encoded(name.text))/\(rest)"
    }

    // MARK: - Questions

    func status(of usernames: [String]) async throws -> [UserStatus] {
        var statuses: [UserStatus] = []
        for part in Self.distinct(usernames).parts(of: Self.usersPerQuery) {
            let body = Self.body { $0.names("usernames", part) }
            let answer = try await caller.call(
                "POST",
                "/v1/users/query",
                query: [viewer],
                body: body
            )
            guard let read = answer["users"]?.statuses, read.count == part.count else {
                throw PresenceError.unintelligible(operation: "get")
            }
            statuses += read
        }
        return statuses
    }

    func onlineUsers() async throws -> [Name] { try await names("/v1/online", [viewer]) }

    func onlineCount() async throws -> Int {
        let answer = try await caller.call(
            "GET",
            "/v1/online",
            query: [viewer, ("pageSize", "0")]
        )
        guard let total = answer["total"]?.count else {
            throw PresenceError.unintelligible(operation: "online")
        }
        return total
    }

    func watchers() async throws -> [Name] { try await names(try own("watchers"), []) }

    private func names(
        _ path: String,
        _ query: [(name: String, value: String?)]
    ) async throws -> [Name] {
        var names: [Name] = []
        var cursor: String?
        repeat {
            let answer = try await caller.call(
                "GET",
                path,
                query: query + [("pageSize", "\(Self.pageSize)"), ("cursor", cursor)]
            )
            guard let page = answer["usernames"]?.names else {
                throw PresenceError.unintelligible(operation: path)
            }
            names += page
            cursor = answer["cursor"]?.string
        } while cursor != nil
        return names
    }

    func history(after: Int64?, limit: Int) async throws -> [UserChange] {
        var changes: [UserChange] = []
        var cursor: String?
        repeat {
            let size = min(Self.pageSize, limit - changes.count)
            let answer = try await caller.call(
                "GET",
                try own("history"),
                query: [
                    ("after", after.map { "\($0)" }), ("pageSize", "\(size)"), ("cursor", cursor),
                ]
            )
            let page = answer["changes"]?.array ?? []
            let read = page.compactMap(UserChange.init)
            guard answer["changes"] != nil, read.count == page.count else {
                throw PresenceError.unintelligible(operation: "history")
            }
            changes += read
            cursor = answer["cursor"]?.string
        } while cursor != nil && changes.count < limit
        return changes
    }

    // MARK: - Changes

    func publish(description: String, expiry: Duration?) async throws -> UserStatus {
        let body = Self.body { json in
            json.member("description", description)
            json.member("expiry", expiry?.components.seconds)
        }
        let answer = try await caller.call("PUT", try own("description"), body: body)
        guard let status = UserStatus(reading: answer) else {
            throw PresenceError.unintelligible(operation: "publish")
        }
        return status
    }

    func subscribe(to usernames: [String], expiry: Duration?) async throws -> Subscribed {
        let path = try own("subscriptions")
        var all = Subscribed()
        var refusal: PresenceError?
        for part in Self.distinct(usernames).parts(of: Self.usersPerRequest) {
            do {
                let body = Self.body { json in
                    json.names("usernames", part)
                    json.member("expiry", expiry?.components.seconds)
                }
                guard let done = Subscribed(try await caller.call("POST", path, body: body)) else {
                    throw PresenceError.unintelligible(operation: "subscribe")
                }
                all.subscribed += done.subscribed
                all.evicted += done.evicted
                all.rejected += done.rejected
            } catch let error as PresenceError where error.code == .limitExceeded {
                refusal = error
                all.rejected += part.compactMap(Name.init(user:))
            }
        }
        if let refusal, all.subscribed.isEmpty { throw refusal }
        return all
    }

    func subscribeToEveryone(expiry: Duration?) async throws -> Int64 {
        let body = Self.body { json in
            json.member("all", true)
            json.member("expiry", expiry?.components.seconds)
        }
        let answer = try await caller.call("POST", try own("subscriptions"), body: body)
        guard let expires = answer["all"]?.object?["expires"]?.integer else {
            throw PresenceError.unintelligible(operation: "subscribe")
        }
        return expires
    }

    func unsubscribe(from usernames: [String]) async throws -> [Name] {
        var ended: [Name] = []
        for part in Self.distinct(usernames).parts(of: Self.usersPerRequest) {
            ended += try await unsubscribe(part.map { ("username", $0) }).usernames
        }
        return ended
    }

    func unsubscribeFromEveryone() async throws -> (usernames: [Name], everyone: Bool) {
        try await unsubscribe([("all", "true")])
    }

    private func unsubscribe(
        _ query: [(name: String, value: String?)]
    ) async throws -> (usernames: [Name], everyone: Bool) {
        let answer = try await caller.call("DELETE", try own("subscriptions"), query: query)
        guard let names = answer["unsubscribed"]?.names else {
            throw PresenceError.unintelligible(operation: "unsubscribe")
        }
        return (names, answer["all"]?.bool ?? false)
    }

    func allSubscriptions() async throws -> SubscriptionPage {
        var reading = SubscriptionReading()
        var number = 0
        while true {
            let answer = try await caller.call(
                "GET",
                try own("subscriptions"),
                query: [("pageNum", "\(number)"), ("pageSize", "\(SubscriptionReading.size)")]
            )
            guard let page = SubscriptionPage(answer) else { break }
            switch reading.take(page) {
            case .read(let next): number = next
            case .done(let list): return list
            case .failed: throw PresenceError.unintelligible(operation: "subscriptions")
            }
        }
        throw PresenceError.unintelligible(operation: "subscriptions")
    }

    // MARK: - Writing

    private static func body(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        write(&json)
        json.endObject()
        return json.bytes
    }

    private static func distinct(_ usernames: [String]) -> [String] {
        var seen = Set<[UInt8]>()
        return usernames.filter { seen.insert(Array($0.utf8)).inserted }
    }
}

extension JSONWriter {
    fileprivate mutating func names(_ key: StaticString, _ names: [String]) {
        self.key(key)
        beginArray()
        for name in names { string(name) }
        endArray()
    }
}
