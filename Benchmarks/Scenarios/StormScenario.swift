/// How fast the changes of many reach all of many watchers.
enum StormScenario: Scenario {
    static let number = 3
    static let title = "1,000 users change at once, 1,000 watchers of all of them"

    static func run(_ options: RunOptions) async throws -> [Finding] {
        try [false, true].flatMap { try run(options, withPlugin: $0) }
    }

    private static func run(_ options: RunOptions, withPlugin: Bool) throws -> [Finding] {
        let count = options.size(1_000, quick: 500)
        let users = (0..<count).map { "user\($0)" }
        let updates = Double(count * count)
        func prepare(
            _ program: BridgeProgram?
        ) throws -> (side: Comparison.Side, group: WatcherGroup, updateSize: Int) {
            let testbed = try Testbed(of: program, withPlugin: withPlugin)
            try testbed.startBridge(withPlugin: withPlugin)
            let group = try WatcherGroup(of: users, watchers: count, on: testbed)
            let size = try group.changeWords().updateSize
            let side = Comparison.Side(on: testbed) {
                [updates / (try group.changeWords().seconds)]
            }
            return (side, group, size)
        }
        let (side, group, size) = try prepare(nil)
        var remarks = ["\(size) bytes an update"]
        var other: Comparison.Side?
        do {
            other = try options.against.map { try prepare($0).side }
        } catch  where withPlugin {
            remarks.append("\(Comparison.otherBuild) is left out: \(error)")
        }
        let comparison = try Comparison(
            options,
            bridge: side,
            other: other,
            yardstick: { [updates / (try group.publishRaw(size: size))] }
        )
        let name =
            "3  storm of \(count) users, \(count) watchers" + (withPlugin ? ", by the plugin" : "")
        return [
            Finding(
                scenario: name,
                yardstick: "raw retained topics",
                unit: "updates/s",
                rounds: comparison.rounds(),
                goal: .atLeast(20),
                usage: comparison.usage,
                remarks: remarks
            )
        ] + comparison.besideOther(scenario: name, unit: "updates/s")
    }
}
