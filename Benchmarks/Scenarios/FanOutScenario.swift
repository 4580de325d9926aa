import BrokerFixture
import Glibc

/// How fast one change reaches a thousand watchers.
enum FanOutScenario: Scenario {
    static let number = 2
    static let title = "one user changes, 1,000 watchers are told"

    private static let watchers = 1_000
    /// Longer than the bridge's `event_interval`, within which a second change would wait.
    private static let pause: UInt32 = 150_000

    static func run(_ runSize: RunSize) async throws -> [Finding] {
        try Way.allCases.map { try run(runSize, $0) }
    }

    /// How the bridge reaches the watchers.
    private enum Way: String, CaseIterable {
        case tcp = "bridge on TCP"
        case unixSocket = "bridge on a Unix socket"
        case plugin = "by the plugin"
    }

    private static func run(_ runSize: RunSize, _ way: Way) throws -> Finding {
        let testbed = try Testbed(withPlugin: way == .plugin)
        try testbed.startBridge(
            way == .unixSocket ? ["host": testbed.broker.socketPath] : [:],
            withPlugin: way == .plugin
        )
        let watcherGroup = try WatcherGroup(of: ["star"], watchers: watchers, on: testbed)
        usleep(pause)
        let size = try watcherGroup.changeWords().updateSize
        _ = try watcherGroup.publishRaw(size: size)
        let changes = runSize.size(10, quick: 4)
        /// Deliveries a second, of several changes one after the other.
        func rate(_ change: () throws -> Double) rethrows -> Double {
            var elapsed = 0.0
            for _ in 0..<changes {
                usleep(pause)
                elapsed += try change()
            }
            return Double(changes * watchers) / elapsed
        }
        let comparison = try Comparison(runSize, on: testbed) {
            [try rate { try watcherGroup.changeWords().seconds }]
        } yardstick: {
            [try rate { try watcherGroup.publishRaw(size: size) }]
        }
        return Finding(
            scenario: "2  one change, 1,000 watchers, \(way.rawValue)",
            yardstick: "a raw retained topic",
            unit: "deliveries/s",
            rounds: comparison.rounds[0],
            goal: .atLeast(way == .plugin ? 0.85 : 0.45),
            usage: comparison.usage,
            remarks: ["events of \(size) bytes, QoS 1"]
        )
    }
}
