import BrokerFixture
import Glibc

/// How fast one change reaches a thousand watchers.
enum FanOutScenario: Scenario {
    static let number = 2
    static let title = "one user changes, 1,000 watchers are told"

    private static let watchers = 1_000
    /// Longer than the bridge's `event_interval`, within which a second change would wait.
    private static let pause: UInt32 = 150_000

    static func run(_ effort: Effort) async throws -> [Finding] {
        try Way.allCases.map { try run(effort, $0) }
    }

    /// How the bridge reaches the watchers.
    private enum Way: String, CaseIterable {
        case tcp = "bridge on TCP"
        case unixSocket = "bridge on a Unix socket"
        case plugin = "by the plugin"
    }

    private static func run(_ effort: Effort, _ way: Way) throws -> Finding {
        let bed = try Bed(withPlugin: way == .plugin)
        try bed.startBridge(
            way == .unixSocket ? ["host": bed.broker.socketPath] : [:],
            withPlugin: way == .plugin
        )
        let audience = try Audience(of: ["star"], watchers: watchers, on: bed)
        usleep(pause)
        let size = try audience.changeWords().updateSize
        _ = try audience.publishRaw(size: size)
        let changes = effort.size(10, quick: 4)
        /// Deliveries a second, of several changes one after the other.
        func rate(_ change: () throws -> Double) rethrows -> Double {
            var elapsed = 0.0
            for _ in 0..<changes {
                usleep(pause)
                elapsed += try change()
            }
            return Double(changes * watchers) / elapsed
        }
        let turns = try Turns(effort, on: bed) {
            [try rate { try audience.changeWords().seconds }]
        } yardstick: {
            [try rate { try audience.publishRaw(size: size) }]
        }
        return Finding(
            scenario: "2  one change, 1,000 watchers, \(way.rawValue)",
            yardstick: "a raw retained topic",
            unit: "deliveries/s",
            rounds: turns.rounds[0],
            goal: .atLeast(way == .plugin ? 0.85 : 0.45),
            usage: turns.usage,
            remarks: ["events of \(size) bytes, QoS 1"]
        )
    }
}
