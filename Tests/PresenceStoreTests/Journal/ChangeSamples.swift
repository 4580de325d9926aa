import Chance
import Presence

@testable import PresenceStore

extension Change {
    /// A change of any kind with values from the whole of what may be stored.
    static func any(_ random: inout SeededNumbers) -> Change {
        let user = UserID.random(in: 1...(1 << 28), using: &random)
        switch ChangeKind.allCases.randomElement(using: &random) ?? .putUser {
        case .putBroker:
            return .putBroker(
                BrokerRecord(
                    started: optional(&random, time),
                    epoch: count(&random),
                    isSettled: Bool.random(using: &random),
                    clock: time(&random),
                    lastStart: count(&random),
                    kept: [.older, .everything, .nothing].randomElement(using: &random) ?? .older,
                    mark: count(&random),
                    markedTopic: optional(&random, text)
                )
            )
        case .putUser:
            return .putUser(
                UserRecord(
                    id: user,
                    name: name(&random),
                    description: text(&random),
                    descriptionExpires: optional(&random, time),
                    cause: Cause.allCases.randomElement(using: &random),
                    since: optional(&random, time),
                    updated: optional(&random, time),
                    seq: count(&random)
                )
            )
        case .removeUser: return .removeUser(UserID.random(in: 0 ... .max, using: &random))
        case .putDevice:
            let words: [StatusWord] = [.online, .offline, .lost, .invisible]
            return .putDevice(
                DeviceRecord(
                    user: user,
                    name: name(&random),
                    status: words.randomElement(using: &random) ?? .online,
                    ttl: optional(&random) { Int64.random(in: 0...Int64(Int32.max), using: &$0) },
                    session: optional(&random, text),
                    epoch: count(&random),
                    heard: time(&random)
                )
            )
        case .removeDevice: return .removeDevice(user: user, name: Name(checked: text(&random)))
        case .putSubscription: return .subscription(user, user / 2, time(&random))
        case .removeSubscription: return .removeSubscription(watcher: user, user: .everyone)
        case .putLogged:
            return .log(
                .put(
                    LoggedChange(
                        id: max(1, count(&random)),
                        user: name(&random),
                        time: time(&random),
                        kind: LoggedChange.Kind.allCases.randomElement(using: &random) ?? .online,
                        status: Array("{\"a\":\"\(text(&random))\"}".utf8)
                    )
                )
            )
        case .eraseLogged: return .log(.erase(name(&random), through: count(&random)))
        case .putLogEnd: return .log(.end(count(&random)))
        case .putWebhook:
            var position = WebhookPosition(
                "https://\(text(&random))/",
                taken: Int64.random(in: 0...1 << 40, using: &random)
            )
            position.hold(through: Int64.random(in: 0...1 << 41, using: &random))
            position.skip(
                Int64.random(in: 0...1 << 40, using: &random),
                passing: Int64.random(in: 0...1 << 42, using: &random),
                condensingThrough: Int64.random(in: 0...1 << 43, using: &random)
            )
            return .log(.putWebhook(position))
        case .removeWebhook: return .log(.removeWebhook(text(&random)))
        }
    }

    private static func optional<Value>(
        _ random: inout SeededNumbers,
        _ value: (inout SeededNumbers) -> Value
    ) -> Value? {
        Bool.random(using: &random) ? value(&random) : nil
    }

    private static func time(_ random: inout SeededNumbers) -> Int64 {
        [0, 1, 127, 128, 1_700_000_000, 253_402_300_799].randomElement(using: &random) ?? 0
    }

    private static func count(_ random: inout SeededNumbers) -> Int64 {
        [0, 1, 16_383, 16_384, 1_700_000_000_123, 1 << 52].randomElement(using: &random) ?? 0
    }

    private static func name(_ random: inout SeededNumbers) -> Name {
        let names = ["a", "e\u{301}", "\u{E9}", String(repeating: "n", count: 64), "\u{1F642}"]
        return Name(checked: names.randomElement(using: &random) ?? "a")
    }

    private static func text(_ random: inout SeededNumbers) -> String {
        let texts = [
            "", "b\0c", "back at 5", "e\u{301}", String(repeating: "\u{20AC}", count: 300),
        ]
        return texts.randomElement(using: &random) ?? ""
    }
}
