/// How fast the changes of many reach all of many watchers.
enum StormScenario: Scenario {
    static let number = 3
    static let title = "1,000 users change at once, 1,000 watchers of all of them"

    static func run(_ runSize: RunSize) async throws -> [Finding] {
        try [false, true].map { try run(runSize, withPlugin: $0) }
    }

    private static func run(_ runSize: RunSize, withPlugin: Bool) throws -> Finding {
        let testbed = try Testbed(withPlugin: withPlugin)
        try testbed.startBridge(withPlugin: withPlugin)
        let count = runSize.size(1_000, quick: 500)
        let users = (0..<count).map { "user\($0)" }
        let watcherGroup = try WatcherGroup(of: users, watchers: count, on: testbed)
        let size = try watcherGroup.changeWords().updateSize
        let updates = Double(count * count)
        let comparison = try Comparison(runSize, on: testbed) {
            [updates / (try watcherGroup.changeWords().seconds)]
        } yardstick: {
            [updates / (try watcherGroup.publishRaw(size: size))]
        }
        return Finding(
            scenario: "3  storm of \(count) users, \(count) watchers"
                + (withPlugin ? ", by the plugin" : ""),
            yardstick: "raw retained topics",
            unit: "updates/s",
            rounds: comparison.rounds[0],
            goal: .atLeast(20),
            usage: comparison.usage,
            remarks: ["\(size) bytes an update"]
        )
    }
}
