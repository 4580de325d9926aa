import Presence
import Testing

@testable import PresenceCore

/// Drives a core as the shell does, on a virtual clock: for the tests of requests and watching.
struct Caller {
    /// The start of every test on both clocks.
    static let start = Instant(uptime: 5_000, unix: 1_700_000_000_000)

    var core: PresenceCore
    var now = Caller.start
    /// Why the store fails, while it does.
    var storeFailure: String?

    /// Limits without the audit, whose readings are of no interest here.
    static var limits: Limits {
        var limits = Limits()
        limits.auditInterval = .zero
        return limits
    }

    /// A core that serves, after what a store replays.
    init(
        _ limits: Limits = Caller.limits,
        topics: Topics = Topics(),
        restoring: [Change] = [],
        at now: Instant = Caller.start
    ) {
        self.now = now
        core = PresenceCore(limits: limits, topics: topics)
        for change in restoring {
            core.restore(change)
        }
        core.endRestoring()
        connect()
    }

    /// Connects to a broker on which nothing is retained.
    mutating func connect() {
        var effects = turn([.brokerFound])
        while case .read(let id, _)? = effects.first(where: \.isRead) {
            effects = turn([.readingEnded(id)])
        }
    }

    /// One turn: the inputs, its end, and what the store says.
    @discardableResult
    mutating func turn(_ inputs: [Input] = []) -> [Effect] {
        var effects: [Effect] = []
        for input in inputs + [.turnEnded] {
            core.handle(input, at: now, into: &effects)
        }
        let saves = effects.contains { if case .save = $0 { true } else { false } }
        if let storeFailure, saves {
            core.handle(.saveFailed(storeFailure), at: now, into: &effects)
        } else {
            core.handle(.saved, at: now, into: &effects)
        }
        return effects
    }

    /// Lets time pass, with a turn whenever the core wants one, and one at the end.
    @discardableResult
    mutating func pass(_ milliseconds: Int64) -> [Effect] {
        var effects: [Effect] = []
        let end = now.uptime + milliseconds
        for _ in 0..<100_000 {
            let left = end - now.uptime
            let idle = core.idleTime(at: now)?.milliseconds ?? .max
            now = now.advanced(by: .milliseconds(min(left, idle)))
            effects += turn()
            if now.uptime == end, core.idleTime(at: now) != .zero { return effects }
        }
        Issue.record("the core never comes to rest")
        return effects
    }

    /// A device says something.
    @discardableResult
    mutating func state(
        _ user: String,
        _ payload: String = "online",
        _ device: String = "phone"
    )
        -> [Effect]
    {
        turn([.says(user, payload, device)])
    }

    /// A request and the text of its answer, in a turn of their own.
    mutating func ask(_ user: String, _ operation: String, _ payload: String = "") -> String {
        let replies = turn([.asks(user, operation, payload)]).replies
        #expect(replies.count == 1)
        return replies.first.map { String(decoding: $0.payload, as: UTF8.self) } ?? ""
    }

    /// The `result` of a request.
    mutating func result(
        _ user: String,
        _ operation: String,
        _ payload: String = ""
    ) -> JSONObject {
        let text = ask(user, operation, payload)
        guard let result = JSONObject(parsed: text)["result"]?.object else {
            Issue.record("no result: \(text)")
            return JSONObject([])
        }
        return result
    }

    /// The error code that a request is answered with.
    mutating func code(_ user: String, _ operation: String, _ payload: String = "") -> String? {
        JSONObject(parsed: ask(user, operation, payload)).errorCode
    }

    /// Subscribes, in batches that a request may have.
    mutating func subscribe(_ user: String, _ names: [String], expiry: Int = 604_800) {
        for start in stride(from: 0, to: names.count, by: 100) {
            let list = names[start..<min(names.count, start + 100)].map { "\"\($0)\"" }
            let payload =
                "{\"usernames\":[\(list.joined(separator: ","))],\"expiry\":\(expiry)}"
            let effects = turn([.asks(user, "subscribe", payload)])
            #expect(effects.errorCodes == [])
        }
    }
}

extension Instant {
    /// The moment so much later on both clocks.
    func advanced(by duration: Duration) -> Instant {
        Instant(uptime: uptime + duration.milliseconds, unix: unix + duration.milliseconds)
    }
}

extension Input {
    /// A device says something.
    static func says(_ user: String, _ payload: String, _ device: String = "phone") -> Input {
        .deviceReported(
            Report(
                user: Name(checked: user),
                device: Name(checked: device),
                payload: Array(payload.utf8)
            )
        )
    }

    /// A request from the user's phone.
    static func asks(_ user: String, _ operation: String, _ payload: String = "") -> Input {
        .requestReceived(.from(user, operation, payload))
    }
}

extension RequestMessage {
    static func from(
        _ user: String,
        _ operation: String,
        _ payload: String = ""
    )
        -> RequestMessage
    {
        RequestMessage(
            user: Name(checked: user),
            device: Name(checked: "phone"),
            operation: operation,
            payload: Array(payload.utf8),
            topic: "presence/request/\(user)/phone/\(operation)"
        )
    }
}

extension Effect {
    var isRead: Bool { if case .read = self { true } else { false } }
}

extension [Effect] {
    var saves: [Change] {
        flatMap { effect -> [Change] in
            if case .save(let changes, _) = effect { changes } else { [] }
        }
    }

    /// The users whose status is retained.
    var retained: [String] {
        compactMap { if case .retain(.status(let user), _) = $0 { user.text } else { nil } }
    }

    var replies: [Reply] {
        compactMap { if case .reply(let reply) = $0 { reply } else { nil } }
    }

    var errorCodes: [String] {
        replies.compactMap {
            JSONObject(parsed: String(decoding: $0.payload, as: UTF8.self)).errorCode
        }
    }

    var logs: [String] {
        compactMap { if case .log(_, let text) = $0 { text } else { nil } }
    }

    /// How many messages of events go out, each watcher's counted.
    var notified: Int {
        reduce(0) { count, effect in
            if case .notify(let watchers, _) = effect { count + watchers.count } else { count }
        }
    }

    /// The messages of events to a watcher.
    func messages(to watcher: String) -> [String] {
        compactMap { effect in
            guard case .notify(let names, let bytes) = effect,
                names.contains(Name(checked: watcher))
            else {
                return nil
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// What a watcher is told, in short: `bob:away`, `bob!expired`, `*!expired`.
    func told(_ watcher: String) -> [String] {
        messages(to: watcher).flatMap { text -> [String] in
            guard case .array(let items)? = try? JSONValue(parsing: [UInt8](text.utf8)) else {
                return ["not an array: \(text)"]
            }
            return items.map { item in
                let object = item.object
                let name = object?["username"]?.string ?? "*"
                if let end = object?["subscription"]?.string { return "\(name)!\(end)" }
                return "\(name):\(object?["status"]?.string ?? "?")"
            }
        }
    }
}

extension JSONObject {
    /// Reads a text that must be an object; empty, with an issue, when it is none.
    init(parsed text: String) {
        do {
            self = try JSONValue(parsing: Array(text.utf8)).object ?? JSONObject([])
        } catch {
            Issue.record("\(error) in \(text)")
            self = JSONObject([])
        }
    }

    var errorCode: String? { self["error"]?.object?["code"]?.string }

    func strings(_ key: String) -> [String] { self[key]?.array?.compactMap(\.string) ?? [] }

    /// The names of the statuses in a list.
    func names(_ key: String) -> [String] {
        self[key]?.array?.compactMap { $0.object?["username"]?.string } ?? []
    }
}
