import Presence
import PresenceCore

/// Who is subscribed to whom, as far as answers and notices tell: a naive model.
///
/// A request that reached the bridge and was never answered, because the bridge died or lost its
/// connection, may have been carried out or not. From then on both are possible of what it names,
/// until an answer or a rest tells.
struct SubscriptionBook: Sendable {
    /// What a subscription may be.
    struct State: Hashable, Sendable {
        /// Whether there may be none.
        var mayBeNone = true
        /// The ends that it may have, in Unix seconds.
        var ends: [ClosedRange<Int64>] = []
    }

    private struct Pending: Sendable {
        var tag: String
        var serial: Int
        var wish: SubscriptionWish
        /// Within which time it may have been carried out, in Unix milliseconds.
        var time: ClosedRange<Int64>
        /// Whether there was too little room for it before a subscription ended: by then it may have
        /// been carried out, and another may have given way.
        var mayHaveEvicted = false
    }

    private let limit: Int
    private(set) var states: [String: [String: State]] = [:]
    private var pending: [String: [Pending]] = [:]
    private var serial = 0
    /// Requests up to this one will not be answered any more once the bridge serves again.
    private var interrupted = 0
    private var doubt = StoreDoubt()
    private(set) var clock = WallClock()
    private var lastUnix: Int64 = 0

    init(_ limits: CheckedLimits) { limit = limits.maxSubscriptions }

    // MARK: - Reading

    /// Reads an entry, but for what is told and for rests, which the reader looks at in between.
    mutating func read(_ entry: Entry) {
        if let shown = clock.read(entry.time) { stepBack(from: shown) }
        let unix = entry.time.unix
        if unix < lastUnix { widen(to: lastUnix) }
        lastUnix = unix
        _ = doubt.read(entry.event)
        switch entry.event {
        case .asked(let request): take(request, at: unix)
        case .answered(let answer): take(answer, at: unix)
        case .bridgeEnded, .bridgeCutOff, .bridgeStarted: interrupted = serial
        case .bridgeServes: giveUp(upTo: interrupted)
        default: break
        }
    }

    /// Learns that a watcher was told of the end of a subscription.
    mutating func end(_ watcher: String, _ user: String?) {
        let user = user ?? SubscriptionWish.everyone
        guard states[watcher]?[user] != nil else { return }
        for index in evicting(of: watcher) { pending[watcher]?[index].mayHaveEvicted = true }
        // The end may not be stored, and be told again by a successor.
        if doubt.isOpen {
            states[watcher]?[user]?.mayBeNone = true
        } else {
            states[watcher]?[user] = nil
        }
    }

    /// Takes what is at a rest for what is.
    mutating func settle(_ subscriptions: [String: [String: Int64]]) {
        states = subscriptions.mapValues { held in
            held.mapValues { State(mayBeNone: false, ends: [$0...$0]) }
        }
        pending = [:]
    }

    /// Counts what was never answered as perhaps carried out.
    mutating func giveUp(upTo last: Int = .max) {
        guard !pending.isEmpty else { return }
        for (watcher, requests) in pending {
            for request in requests where request.serial <= last { merge(request, of: watcher) }
            let rest = requests.filter { $0.serial > last }
            pending[watcher] = rest.isEmpty ? nil : rest
        }
    }

    // MARK: - Asking

    /// Whether a subscription may hold at a time, in Unix milliseconds, by name or to everyone.
    func mayHold(_ watcher: String, _ user: String, at unix: Int64) -> Bool {
        mayHoldAlone(watcher, user, at: unix)
            || mayHoldAlone(watcher, SubscriptionWish.everyone, at: unix)
    }

    private func mayHoldAlone(_ watcher: String, _ user: String, at unix: Int64) -> Bool {
        if let state = states[watcher]?[user],
            state.ends.contains(where: { $0.upperBound * 1_000 > unix })
        {
            return true
        }
        return pending[watcher]?.contains { $0.wish.mayBegin(user) } ?? false
    }

    /// Whether a subscription holds for certain at a time, by name or to everyone.
    func holds(_ watcher: String, _ user: String, at unix: Int64) -> Bool {
        holdsAlone(watcher, user, at: unix)
            || holdsAlone(watcher, SubscriptionWish.everyone, at: unix)
    }

    private func holdsAlone(_ watcher: String, _ user: String, at unix: Int64) -> Bool {
        guard let state = states[watcher]?[user], !state.mayBeNone,
            state.ends.allSatisfy({ $0.lowerBound * 1_000 > unix })
        else { return false }
        let requests = pending[watcher] ?? []
        if requests.contains(where: { $0.wish.mayEnd(user) }) { return false }
        return user == SubscriptionWish.everyone
            || evicting(of: watcher).allSatisfy { requests[$0].wish.mayBegin(user) }
    }

    // MARK: - Keeping

    private mutating func take(_ request: RequestSeen, at unix: Int64) {
        guard let wish = SubscriptionWish(request) else { return }
        serial += 1
        pending[request.user, default: []].append(
            Pending(tag: request.tag, serial: serial, wish: wish, time: unix...unix)
        )
    }

    private mutating func take(_ answer: AnswerSeen, at unix: Int64) {
        guard answer.operation == "subscribe" || answer.operation == "unsubscribe",
            let tag = answer.tag
        else { return }
        let watcher = answer.user
        let place = pending[watcher]?.firstIndex { $0.tag == tag }
        let request = place.flatMap { pending[watcher]?[$0] }
        if let place {
            // Answers come in the order of the requests: those before it were dropped.
            pending[watcher]?.removeFirst(place + 1)
            if pending[watcher]?.isEmpty == true { pending[watcher] = nil }
        }
        guard answer.code == nil, let result = answer.content.object else { return }
        if answer.operation == "subscribe" {
            begin(watcher, result)
        } else {
            end(watcher, result, request?.wish)
        }
    }

    private mutating func begin(_ watcher: String, _ result: JSONObject) {
        for name in Self.names(result["evicted"]) + Self.names(result["rejected"]) {
            states[watcher]?[name] = nil
        }
        for value in result["subscribed"]?.array ?? [] {
            guard let object = value.object, let name = object["username"]?.string,
                let expires = object["expires"]?.integer
            else { continue }
            set(watcher, name, expires)
        }
        if let expires = result["all"]?.object?["expires"]?.integer {
            set(watcher, SubscriptionWish.everyone, expires)
        }
    }

    private mutating func set(_ watcher: String, _ user: String, _ expires: Int64) {
        states[watcher, default: [:]][user] = State(mayBeNone: false, ends: [expires...expires])
    }

    private mutating func end(_ watcher: String, _ result: JSONObject, _ wish: SubscriptionWish?) {
        for name in Self.names(result["unsubscribed"]) { states[watcher]?[name] = nil }
        if result["all"]?.bool == true { states[watcher]?[SubscriptionWish.everyone] = nil }
        // What it named and did not find was not there.
        switch wish {
        case .unsubscribe(let names)?:
            for name in names { states[watcher]?[name] = nil }
        case .unsubscribeFromAll?: states[watcher] = nil
        case .subscribe?, nil: break
        }
    }

    private static func names(_ value: JSONValue?) -> [String] {
        value?.array?.compactMap(\.string) ?? []
    }

    /// Which of a watcher's open requests may make a subscription give way, or may have: there may be
    /// no room for it beside what is there and what was asked before it.
    private func evicting(of watcher: String) -> [Int] {
        let requests = pending[watcher] ?? []
        var count = states[watcher]?.count ?? 0
        return requests.indices.filter { index in
            guard case .subscribe(let users, _) = requests[index].wish else { return false }
            count += users.count
            return requests[index].mayHaveEvicted || count > limit
        }
    }

    /// Whether there is too little room for a request beside what is there.
    private func mayEvict(_ request: Pending, of watcher: String) -> Bool {
        guard case .subscribe(let users, _) = request.wish else { return false }
        return request.mayHaveEvicted || (states[watcher]?.count ?? 0) + users.count > limit
    }

    private mutating func merge(_ request: Pending, of watcher: String) {
        switch request.wish {
        case .subscribe(let users, let expiry):
            if mayEvict(request, of: watcher) {
                for user in states[watcher, default: [:]].keys
                where user != SubscriptionWish.everyone && !users.contains(user) {
                    states[watcher]?[user]?.mayBeNone = true
                }
            }
            let time =
                min(request.time.lowerBound, lastUnix)...max(request.time.upperBound, lastUnix)
            let first = Self.nextSecond(time.lowerBound) + expiry.lowerBound
            let last = Self.nextSecond(time.upperBound) + expiry.upperBound
            for user in users {
                states[watcher, default: [:]][user, default: State()].ends.append(first...last)
            }
        case .unsubscribe(let users):
            for user in users { states[watcher]?[user]?.mayBeNone = true }
        case .unsubscribeFromAll:
            for user in states[watcher, default: [:]].keys {
                states[watcher]?[user]?.mayBeNone = true
            }
        }
    }

    private static func nextSecond(_ unix: Int64) -> Int64 { (unix + 999) / 1_000 }

    /// The clock was set back: what it had left behind may have run out.
    private mutating func stepBack(from shown: Int64) {
        for (watcher, held) in states {
            for (user, state) in held
            where state.ends.contains(where: { $0.lowerBound * 1_000 <= shown }) {
                states[watcher]?[user]?.mayBeNone = true
            }
        }
    }

    /// What has not been answered yet may be carried out now.
    private mutating func widen(to unix: Int64) {
        for (watcher, requests) in pending {
            for index in requests.indices {
                let time = requests[index].time
                pending[watcher]?[index].time =
                    min(time.lowerBound, unix)...max(time.upperBound, unix)
            }
        }
    }
}
