import Chance
import Mosquitto
import Presence
import PresenceClient

/// A client that hears what an input says, and the rules for what it makes of it.
struct HearingClient {
    private static let user = Name(checked: "alice")
    private static let device = Name(checked: "phone")
    private static let topics = Topics()

    private var state = ClientState(user: user, device: device, ttl: .seconds(300))
    private var random = SeededNumbers(seed: 1)
    private let start = ContinuousClock.now
    private var now = ContinuousClock.now
    /// The change of each user that was told last; none while there is no subscription.
    private var told: [Name: Int64] = [:]
    private var rounds: [Name: BridgeMetrics] = [:]

    /// Plays a line; says which rule was broken.
    mutating func play(_ line: [[UInt8]], _ reached: inout Set<String>) -> String? {
        guard let verb = line.first?.text, line.count > 1 else { return nil }
        switch verb {
        case "event": return hear(Self.topics.event(Self.user), line[1], &reached)
        case "own": return hear(Self.topics.status(Self.user), line[1], &reached)
        case "bridge" where line.count > 2:
            return hear(Self.topics.bridge(line[1].text), line[2], &reached)
        case "metric" where line.count > 2:
            return hear(Self.topics.metric("b", line[1].text), line[2], &reached)
        case "wait":
            now += .milliseconds((line[1].number ?? 0) % 1_000_000)
            return duties()
        case "ask": return ask(answeredBy: line[1], &reached)
        case "subscribe": return subscribe(line[1], &reached)
        case "list": return list(line[1], &reached)
        default: return nil
        }
    }

    private mutating func hear(
        _ topic: String,
        _ payload: [UInt8],
        _ reached: inout Set<String>
    ) -> String? {
        let message = Message(topic: topic, payload: payload, qos: 1)
        for outcome in state.hear(message, at: now, using: &random) {
            if let complaint = judge(outcome, &reached) { return complaint }
        }
        return duties()
    }

    private mutating func judge(
        _ outcome: ClientState.Outcome,
        _ reached: inout Set<String>
    ) -> String? {
        switch outcome {
        case .tell(let update): return judge(update, &reached)
        case .answered: reached.insert("answered")
        case .refused: reached.insert("refused")
        case .restate: reached.insert("announce")
        case .catchUp: reached.insert("catch up")
        case .metrics(let round):
            reached.insert("round")
            if let before = rounds.updateValue(round, forKey: round.bridge) {
                for name in round.values.keys.sorted() {
                    guard let rate = round.rate(of: name, since: before) else { continue }
                    reached.insert("rate")
                    if !(rate >= 0 && rate.isFinite) { return "\(name) rises by \(rate)" }
                }
            }
        }
        return nil
    }

    private mutating func judge(_ update: Update, _ reached: inout Set<String>) -> String? {
        switch update {
        case .status(let status):
            reached.insert("status")
            if let before = told[status.username], status.seq < before {
                return "\(status.username) goes back from \(before) to \(status.seq)"
            }
            told[status.username] = status.seq
        case .subscriptionEnded(let user?, _):
            reached.insert("ended")
            told[user] = nil
        case .subscriptionEnded(nil, _):
            reached.insert("ended for everyone")
            told = [:]
        case .bridge: reached.insert("bridge")
        case .severalBridges(let ids):
            reached.insert("several bridges")
            if ids.count == 1 { return "\(ids) are several" }
        case .deviceReplaced: reached.insert("replaced")
        case .caughtUp, .missingEvents, .connection, .deviceRefused, .missed: break
        }
        return nil
    }

    /// What is to be done some time is to be done within the longest time that anything lasts.
    private func duties() -> String? {
        let duties = [
            state.device.nextStatement, state.requests.nextSending, state.renewals.nextRenewal,
        ]
        let latest = now + .seconds(302_400)
        for duty in duties.compactMap(\.self) where duty > latest || duty < start {
            return "something is due after \(duty - now)"
        }
        return nil
    }

    private mutating func ask(answeredBy rest: [UInt8], _ reached: inout Set<String>) -> String? {
        let number = state.requests.add(
            .sync(after: 0, pageSize: 500, cursor: nil),
            at: now,
            until: now + .seconds(10)
        )
        let id = "\(state.mark)-\(number)"
        let front = [UInt8](text: #"{"id":"\#(id)","operation":"sync","#)
        let topic = Self.topics.response(Self.user, Self.device)
        return hear(topic, front + rest + [UInt8(ascii: "}")], &reached)
    }

    private mutating func subscribe(_ bytes: [UInt8], _ reached: inout Set<String>) -> String? {
        guard let result = object(bytes), let done = Subscribed(result) else { return nil }
        for subscription in done.subscribed {
            reached.insert("subscribed")
            // A subscription shows what is now, also to those who were told something else.
            let user = subscription.status.username
            state.renewals.keep(
                user,
                expiry: nil,
                until: subscription.expires,
                time: 1_700_000_000,
                at: now
            )
        }
        for update in state.hear(done) {
            if let complaint = judge(update, &reached) { return complaint }
        }
        return duties()
    }

    private mutating func list(_ bytes: [UInt8], _ reached: inout Set<String>) -> String? {
        guard let page = object(bytes).flatMap(SubscriptionPage.init) else { return nil }
        let before = state
        var reading = SubscriptionReading()
        for _ in 0..<100 {
            switch reading.take(page) {
            case .read: continue
            case .failed:
                reached.insert("never whole")
                return nil
            case .done(let list):
                reached.insert("list")
                guard list.entries.count == list.total else { return "\(list.total) are listed" }
                let updates = state.compare(
                    with: list,
                    before: before,
                    time: 1_700_000_000,
                    at: now
                )
                for update in updates {
                    if let complaint = judge(update, &reached) { return complaint }
                }
                return duties()
            }
        }
        // A list whose every page brings something may be as long as it says.
        return page.total > 100 * page.entries.count ? nil : "a list has no end"
    }

    private func object(_ bytes: [UInt8]) -> JSONObject? {
        (try? JSONValue(parsing: bytes))?.object
    }
}
