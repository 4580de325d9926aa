import Presence

/// What a history comes by about watchers.
struct WatcherCoverage: Sendable {
    /// How many of a user's changes are remembered.
    private static let memory = 16

    private var changes: [String: [Int64]] = [:]
    private var told: [String: [String: Int64]] = [:]
    private var last: [String: Int64] = [:]
    private var named: [String: Set<String>] = [:]
    private var toAll: Set<String> = []

    mutating func change(_ user: String, _ seq: Int64) {
        if changes[user]?.count ?? 0 >= Self.memory { changes[user]?.removeFirst() }
        changes[user, default: []].append(seq)
    }

    mutating func hear(
        _ watcher: String,
        _ tellings: [EventSeen],
        at uptime: Int64,
        _ coverage: inout Coverage
    ) {
        if last.updateValue(uptime, forKey: watcher) == uptime { coverage.note(.splitBatch) }
        var count = 0
        for telling in tellings {
            switch telling {
            case .ended(_, "expired"): coverage.note(.expiryTold)
            case .ended(_, "evicted"): coverage.note(.evictionTold)
            case .ended: break
            case .status(let status):
                count += 1
                let (user, seq) = (status.username, status.seq)
                if let before = told[watcher, default: [:]].updateValue(seq, forKey: user),
                    changes[user]?.contains(where: { before < $0 && $0 < seq }) ?? false
                {
                    coverage.note(.overtaken)
                }
                if toAll.contains(watcher), named[watcher]?.contains(user) != true {
                    coverage.note(.toldByAll)
                }
            }
        }
        if count > 1 { coverage.note(.batch) }
    }

    mutating func take(_ answer: AnswerSeen, _ coverage: inout Coverage) {
        guard answer.operation == "subscribe" || answer.operation == "unsubscribe",
            let result = answer.content.object
        else { return }
        if answer.operation == "unsubscribe" {
            if result["all"]?.bool == true { toAll.remove(answer.user) }
            return
        }
        if result["all"] != nil { toAll.insert(answer.user) }
        for status in result["subscribed"]?.array ?? [] {
            guard let name = status.object?["username"]?.string else { continue }
            named[answer.user, default: []].insert(name)
        }
        if result["evicted"]?.array?.isEmpty == false { coverage.note(.replaced) }
        if result["rejected"]?.array?.isEmpty == false { coverage.note(.rejected) }
    }
}
