import Presence
import PresenceCore
import Simulation

/// A history made by hand, a step at a time.
struct Trace {
    private(set) var entries: [Entry] = []
    /// The moment that it is.
    var now = Instant(uptime: 1_000_000, unix: 1_700_000_000_000)
    private var asked = 0

    /// The Unix second that it is.
    var second: Int64 { now.unix / 1_000 }

    mutating func pass(_ milliseconds: Int64) {
        now = Instant(uptime: now.uptime + milliseconds, unix: now.unix + milliseconds)
    }

    mutating func stepClock(_ milliseconds: Int64) {
        now = Instant(uptime: now.uptime, unix: now.unix + milliseconds)
    }

    mutating func add(_ event: Entry.Event) { entries.append(Entry(event, at: now)) }

    /// A user's status, retained.
    mutating func status(_ status: StatusSeen) { add(.status(user: status.username, status)) }

    /// A message of events.
    mutating func tell(_ watcher: String, _ statuses: StatusSeen..., ended: [String] = []) {
        let tellings =
            statuses.map(EventSeen.status)
            + ended.map { .ended(user: $0 == "*" ? nil : $0, how: "expired") }
        add(.told(watcher: watcher, tellings, bytes: 200 * tellings.count))
    }

    /// A request reaches the bridge; returns its tag.
    @discardableResult
    mutating func ask(
        _ user: String,
        _ operation: String,
        _ members: [(key: String, value: JSONValue)] = []
    ) -> String {
        asked += 1
        let request = RequestSeen(
            user: user,
            operation: operation,
            tag: "t\(asked)",
            payload: .object(JSONObject(members))
        )
        add(.asked(request))
        return request.tag
    }

    /// The answer to a request.
    mutating func answer(
        _ user: String,
        _ operation: String,
        _ tag: String?,
        code: String? = nil,
        _ members: [(key: String, value: JSONValue)] = []
    ) {
        let content = JSONValue.object(JSONObject(members))
        add(
            .answered(
                AnswerSeen(user: user, operation: operation, tag: tag, code: code, content: content)
            )
        )
    }

    @discardableResult
    mutating func askSubscribe(_ watcher: String, _ users: [String], expiry: Int64) -> String {
        ask(
            watcher,
            "subscribe",
            users == ["*"]
                ? [("all", .bool(true)), ("expiry", .integer(expiry))]
                : [("usernames", .names(users)), ("expiry", .integer(expiry))]
        )
    }

    mutating func answerSubscribe(
        _ watcher: String,
        _ tag: String,
        _ users: [String],
        until expires: Int64,
        evicted: [String] = [],
        rejected: [String] = []
    ) {
        let end = (key: "expires", value: JSONValue.integer(expires))
        let named = users.filter { $0 != "*" }.map { user in
            JSONValue.object(JSONObject([("username", .string(user)), end]))
        }
        var result: [(key: String, value: JSONValue)] = [("subscribed", .array(named))]
        if users.contains("*") { result.append(("all", .object(JSONObject([end])))) }
        result.append(("evicted", .names(evicted)))
        result.append(("rejected", .names(rejected)))
        answer(watcher, "subscribe", tag, result)
    }

    /// A subscription that is asked for and acknowledged; returns its end.
    @discardableResult
    mutating func subscribe(_ watcher: String, _ users: String..., expiry: Int64 = 600) -> Int64 {
        let tag = askSubscribe(watcher, users, expiry: expiry)
        let expires = (now.unix + 999) / 1_000 + expiry
        answerSubscribe(watcher, tag, users, until: expires)
        return expires
    }

    /// The end of subscriptions that is asked for and acknowledged.
    mutating func unsubscribe(_ watcher: String, _ users: String...) {
        let tag = ask(watcher, "unsubscribe", [("usernames", .names(users))])
        answer(watcher, "unsubscribe", tag, [("unsubscribed", .names(users))])
    }

    /// The end of every subscription that is asked for and acknowledged.
    mutating func unsubscribeFromAll(_ watcher: String, _ users: String...) {
        let tag = ask(watcher, "unsubscribe", [("all", .bool(true))])
        let result: [(key: String, value: JSONValue)] = [
            ("unsubscribed", .names(users)), ("all", .bool(true)),
        ]
        answer(watcher, "unsubscribe", tag, result)
    }

    /// Someone's word on a device topic.
    mutating func state(
        _ user: String,
        _ device: String,
        _ payload: String,
        by speaker: Entry.Speaker = .device
    ) {
        add(
            .stated(
                user: user,
                device: device,
                payload: Array(payload.utf8),
                isRetained: true,
                by: speaker
            )
        )
    }

    /// The bridge dies and comes back.
    mutating func restartBridge(epoch: Int64 = 1) {
        add(.bridgeEnded(isCrash: true))
        add(.bridgeCutOff)
        pass(200)
        add(.bridgeStarted)
        pass(200)
        add(.bridgeServes(epoch: epoch))
    }
}

extension JSONValue {
    static func names(_ names: [String]) -> JSONValue { .array(names.map(JSONValue.string)) }
}

extension StatusSeen {
    /// A user who is online since a thousand seconds after the beginning of time.
    static func online(
        _ user: String,
        _ devices: [String: String] = ["d": "online"],
        seq: Int64,
        since: Int64 = 1_000,
        updated: Int64 = 1_000,
        description: String = ""
    ) -> StatusSeen {
        StatusSeen(
            username: user,
            status: devices.sorted { $0.key < $1.key }.first?.value ?? "offline",
            description: description,
            devices: devices,
            since: since,
            updated: updated,
            seq: seq
        )
    }

    /// A user who was online once.
    static func offline(_ user: String, seq: Int64, cause: String = "logout") -> StatusSeen {
        StatusSeen(username: user, cause: cause, since: 1_000, updated: 1_000, seq: seq)
    }
}

/// What a checker has to say of a history made by hand.
func sentences<Kind: Checker>(
    _ kind: Kind.Type,
    _ limits: CheckedLimits = CheckedLimits(),
    _ build: (inout Trace) -> Void
) -> [String] {
    var trace = Trace()
    trace.add(.bridgeStarted)
    trace.add(.bridgeServes(epoch: 1))
    build(&trace)
    var checker = Kind(limits)
    var breaches: [String] = []
    for entry in trace.entries { checker.read(entry, &breaches) }
    return breaches
}
