import Chance
import Presence
import Testing

@testable import PresenceCore

@Suite("What watchers come to know")
struct WatcherModelTests {
    /// What a watcher has seen on the wire, and nothing else.
    private struct Watcher {
        var known: [String: Int64] = [:]
        var told: [String: Int64] = [:]
        var silenced: Set<String> = []

        mutating func hear(_ item: JSONObject, _ seed: UInt64) {
            guard let user = item["username"]?.string else { return }
            #expect(!silenced.contains(user), "seed \(seed): \(user) after unsubscribe")
            guard let seq = item["seq"]?.integer else { return }
            #expect(seq > told[user] ?? 0, "seed \(seed): \(user) out of order")
            told[user] = seq
            learn(user, seq)
        }

        mutating func learn(_ user: String, _ seq: Int64) {
            known[user] = max(known[user] ?? 0, seq)
        }

        mutating func hear(answer: JSONObject) {
            guard let result = answer["result"]?.object else { return }
            for status in result["subscribed"]?.array ?? [] {
                guard let status = status.object, let user = status["username"]?.string else {
                    continue
                }
                learn(user, status["seq"]?.integer ?? 0)
                silenced.remove(user)
            }
            silenced.formUnion(result.strings("unsubscribed"))
        }
    }

    private let users = (0..<6).map { "u\($0)" }

    private func input(_ random: inout SeededNumbers) -> Input {
        let user = users[Int.random(in: 0..<6, using: &random)]
        let other = users[Int.random(in: 0..<6, using: &random)]
        let third = users[Int.random(in: 0..<6, using: &random)]
        switch Int.random(in: 0..<12, using: &random) {
        case 0...5:
            let words = ["online", "away", "busy", "offline", "lost", "invisible"]
            return .says(user, words[Int.random(in: 0..<6, using: &random)])
        case 6:
            let expiry = Int.random(in: 1...3, using: &random)
            return .asks(
                user,
                "publish",
                #"{"description":"\#(Int.random(in: 0..<9, using: &random))","expiry":\#(expiry)}"#
            )
        case 7...9:
            let expiry = Int.random(in: 1...5, using: &random)
            return .asks(
                user,
                "subscribe",
                #"{"usernames":["\#(other)","\#(third)"],"expiry":\#(expiry)}"#
            )
        case 10: return .asks(user, "unsubscribe", #"{"usernames":["\#(other)"]}"#)
        default: return .brokerCongested(Bool.random(using: &random))
        }
    }

    @Test("Events come in the order of seq, stop with unsubscribe, and leave nobody behind")
    func converges() {
        for seed in UInt64(0)..<60 {
            var random = SeededNumbers(seed: seed)
            var limits = Caller.limits
            limits.maxSubscriptions = 3
            limits.offlineGrace = .milliseconds(300)
            limits.logoutGrace = .milliseconds(100)
            var caller = Caller(limits)
            var watchers = Dictionary(uniqueKeysWithValues: users.map { ($0, Watcher()) })
            func hear(_ effects: [Effect]) {
                for effect in effects {
                    switch effect {
                    case .notify(let names, let bytes):
                        let items = (try? JSONValue(parsing: bytes))?.array ?? []
                        for name in names {
                            for case .object(let item) in items {
                                watchers[name.text]?.hear(item, seed)
                            }
                        }
                    case .reply(let reply):
                        let user = String(reply.topic.split(separator: "/")[2])
                        let text = String(decoding: reply.payload, as: UTF8.self)
                        watchers[user]?.hear(answer: JSONObject(parsed: text))
                    default: break
                    }
                }
            }
            for _ in 0..<150 {
                caller.storeFailure = Int.random(in: 0..<8, using: &random) == 0 ? "no" : nil
                let input = input(&random)
                // A new subscriber may be told of a change of the same turn before its answer.
                let effects = caller.turn([input])
                hear(effects.filter { if case .reply = $0 { effects.isSubscribe } else { false } })
                hear(effects)
                hear(caller.pass(Int64.random(in: 0...150, using: &random)))
            }
            caller.storeFailure = nil
            hear(caller.turn([.brokerCongested(false)]))
            hear(caller.pass(1_100))
            for user in users {
                for watched in caller.result(user, "subscriptions").names("subscriptions") {
                    let status = caller.result(user, "get", #"{"usernames":["\#(watched)"]}"#)
                    let seq = status["users"]?.array?.first?.object?["seq"]?.integer
                    #expect(
                        watchers[user]?.known[watched] == seq,
                        "seed \(seed): \(user) \(watched)"
                    )
                }
            }
        }
    }
}

extension [Effect] {
    /// Whether a subscription was acknowledged.
    fileprivate var isSubscribe: Bool {
        replies.contains { String(decoding: $0.payload, as: UTF8.self).contains("\"subscribed\"") }
    }
}
