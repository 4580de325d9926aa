/// How fast the changes of many reach all of many watchers.
enum StormScenario: Scenario {
    static let number = 3
    static let title = "1,000 users change at once, 1,000 watchers of all of them"

    static func run(_ effort: Effort) async throws -> [Finding] {
        try [false, true].map { try run(effort, withPlugin: $0) }
    }

    private static func run(_ effort: Effort, withPlugin: Bool) throws -> Finding {
        let bed = try Bed(withPlugin: withPlugin)
        try bed.startBridge(withPlugin: withPlugin)
        let count = effort.size(1_000, quick: 500)
        let users = (0..<count).map { "user\($0)" }
        let audience = try Audience(of: users, watchers: count, on: bed)
        let size = try audience.changeWords().updateSize
        let updates = Double(count * count)
        let turns = try Turns(effort, on: bed) {
            [updates / (try audience.changeWords().seconds)]
        } yardstick: {
            [updates / (try audience.publishRaw(size: size))]
        }
        return Finding(
            scenario: "3  storm of \(count) users, \(count) watchers"
                + (withPlugin ? ", by the plugin" : ""),
            yardstick: "raw retained topics",
            unit: "updates/s",
            rounds: turns.rounds[0],
            goal: .atLeast(20),
            usage: turns.usage,
            remarks: ["\(size) bytes an update"]
        )
    }
}
