import Presence

/// Who is told of changes by webhooks in a run, and how.
package struct WebhookPlan: Sendable {
    /// The receivers.
    package let urls: [String]
    /// The kinds of change that they want.
    package let kinds: Set<LoggedChange.Kind>
    /// Whether one of them is away for an hour in the end.
    package let isAwayLong: Bool
    /// Whether one of them may say that it wants nothing any more.
    package let mayEnd: Bool
    private let batch: Int
    private let delay: Int
    private let keep: Int
    private let rows: Int

    /// The plan of a seed; `nil` in most runs.
    init?(seed: UInt64) {
        var dice = Dice(seed: seed, part: "plan of the webhooks")
        guard dice.chance(30) else { return nil }
        urls = Array(["https://one.invalid/hook", "http://two.invalid/"].prefix(dice.count(1...2)))
        kinds = dice.pick([[.online, .offline], Set(LoggedChange.Kind.allCases)])
        isAwayLong = dice.chance(15)
        mayEnd = dice.chance(15)
        batch = dice.pick([1, 3, 100])
        delay = dice.pick([0, 100, 5_000])
        keep = dice.pick([20, 600, 604_800])
        rows = dice.pick([2, 10, 1_000_000])
    }

    /// What the bridge is started with.
    var arguments: [String] {
        let words = LoggedChange.Kind.allCases.filter(kinds.contains).map(\.rawValue)
        return [
            "--webhook", urls.joined(separator: " "), "--webhook_events",
            words.joined(separator: " "), "--webhook_batch", "\(batch)", "--webhook_delay",
            "\(delay)ms", "--webhook_keep", "\(keep)s", "--webhook_rows", "\(rows)",
        ]
    }
}
