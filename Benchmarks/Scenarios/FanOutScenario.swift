import BrokerFixture
import Glibc

/// How fast one change reaches a thousand watchers.
enum FanOutScenario: Scenario {
    static let number = 2
    static let title = "one user changes, 1,000 watchers are told"

    private static let watchers = 1_000
    /// Longer than the bridge's `event_interval`, within which a second change would wait.
    private static let pause: UInt32 = 150_000

    static func run(_ options: RunOptions) async throws -> [Finding] {
        try Way.allCases.flatMap { try run(options, $0) }
    }

    /// How the bridge reaches the watchers.
    private enum Way: String, CaseIterable {
        case tcp = "bridge on TCP"
        case unixSocket = "bridge on a Unix socket"
        case plugin = "by the plugin"
    }

    private static func run(_ options: RunOptions, _ way: Way) throws -> [Finding] {
        let changes = options.size(10, quick: 4)
        /// Deliveries a second, of several changes one after the other.
        func rate(_ change: () throws -> Double) rethrows -> Double {
            var elapsed = 0.0
            for _ in 0..<changes {
                usleep(pause)
                elapsed += try change()
            }
            return Double(changes * watchers) / elapsed
        }
        func prepare(_ program: BridgeProgram?) throws -> (Comparison.Side, WatcherGroup) {
            let testbed = try Testbed(of: program, withPlugin: way == .plugin)
            try testbed.startBridge(
                way == .unixSocket ? ["host": testbed.broker.socketPath] : [:],
                withPlugin: way == .plugin
            )
            let group = try WatcherGroup(of: ["star"], watchers: watchers, on: testbed)
            usleep(pause)
            let side = Comparison.Side(on: testbed) {
                [try rate { try group.changeWords().seconds }]
            }
            return (side, group)
        }
        let (side, group) = try prepare(nil)
        let size = try group.changeWords().updateSize
        _ = try group.publishRaw(size: size)
        var remarks = ["events of \(size) bytes, QoS 1"]
        var other: Comparison.Side?
        do {
            other = try options.against.map { try prepare($0).0 }
        } catch  where way == .plugin {
            remarks.append("\(Comparison.otherBuild) is left out: \(error)")
        }
        let comparison = try Comparison(
            options,
            bridge: side,
            other: other,
            yardstick: { [try rate { try group.publishRaw(size: size) }] }
        )
        let name = "2  one change, 1,000 watchers, \(way.rawValue)"
        return [
            Finding(
                scenario: name,
                yardstick: "a raw retained topic",
                unit: "deliveries/s",
                rounds: comparison.rounds(),
                goal: .atLeast(way == .plugin ? 0.85 : 0.45),
                usage: comparison.usage,
                remarks: remarks
            )
        ] + comparison.besideOther(scenario: name, unit: "deliveries/s")
    }
}
