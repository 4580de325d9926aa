import BrokerFixture
import Glibc

/// How soon the bridge knows of all who came online while it stood still, with a broker that drops
/// most of that.
///
/// The broker is as it is without any configuration: of what a client does not read it keeps as much
/// as the socket takes, and a thousand messages more, and drops the rest. A Unix socket takes a few
/// hundred; one of TCP may take all of it.
enum StallScenario: Scenario {
    static let number = 11
    static let title = "12,000 births while the bridge stands still, until all are seen"

    static func run(_ options: RunOptions) async throws -> [Finding] {
        try Way.allCases.flatMap { try run(options, $0) }
    }

    /// How the broker reaches the bridge.
    private enum Way: String, CaseIterable {
        case unixSocket = "Unix socket"
        case tcp = "TCP"
    }

    private static func run(_ options: RunOptions, _ way: Way) throws -> [Finding] {
        let births = options.size(12_000, quick: 12_000)
        let patience: Duration = options.isQuick ? .seconds(30) : .seconds(120)
        var missing: (own: [String], other: [String]) = ([], [])
        func side(_ program: BridgeProgram?) -> Comparison.Side {
            .init {
                let stall = try Stall(of: program, way)
                let (taken, seen) = try stall.measure(births, within: patience)
                if seen < births {
                    let count = Figure.text(Double(seen))
                    if program == nil {
                        missing.own.append(count)
                    } else {
                        missing.other.append(count)
                    }
                }
                return [taken]
            }
        }
        let comparison = try Comparison(
            options,
            bridge: side(nil),
            other: options.against.map { side($0) }
        )
        let name =
            "11  \(Figure.text(Double(births))) births while the bridge stands still, "
            + way.rawValue
        var line = comparison.line(scenario: name, unit: "s", goal: .atMost(5, firstBar: 10))
        line.remarks = [("the bridge", missing.own), (Comparison.otherBuild, missing.other)]
            .filter { !$0.1.isEmpty }
            .map { who, counts in
                "\(who) had not seen all after \(patience), when the round ends, but "
                    + counts.joined(separator: ", ")
            }
        return [line] + comparison.besideOther(scenario: name, unit: "s")
    }

    /// A bridge that knows nobody yet, and a broker with its default limits.
    private struct Stall {
        private static let gateways = 10
        private static let asker = "alice"
        /// Long enough for a bridge to notice that it stood still.
        private static let standstill: Duration = .seconds(2)

        private let testbed: Testbed
        private let swarm: Swarm
        private let gateways: Range<Int>
        private let asker: Int

        init(of program: BridgeProgram?, _ way: Way) throws {
            testbed = try Testbed(of: program) { broker in
                broker.extra = ""
                broker.sysInterval = 10
            }
            try testbed.startBridge(
                way == .unixSocket ? ["host": testbed.broker.socketPath] : [:]
            )
            swarm = testbed.swarm()
            gateways = try swarm.connect(Array(repeating: "bench", count: Self.gateways))
            asker = try swarm.connect([Self.asker]).lowerBound
            swarm.subscribe(asker, to: ["presence/response/\(Self.asker)/phone"], qos: 1)
            try swarm.run(until: { swarm.isQuiet })
            testbed.waitForRest()
        }

        /// Stops the bridge while the births come, for two seconds at least; returns how many seconds after that it
        /// has seen all of them, or after how many it has not, and how many it has seen then.
        func measure(
            _ births: Int,
            within patience: Duration
        ) throws -> (seconds: Double, seen: Int) {
            testbed.bridge?.send(SIGSTOP)
            let end = ContinuousClock.now + Self.standstill
            for number in 0..<births {
                swarm.publish(
                    gateways.lowerBound + number % gateways.count,
                    "presence/device/user\(number)/phone",
                    Array("online".utf8),
                    isRetained: true
                )
            }
            try swarm.run(until: { swarm.isQuiet && ContinuousClock.now >= end })
            testbed.bridge?.send(SIGCONT)
            var seen = 0
            let taken = try seconds { seen = try askUntil(births, within: patience) }
            return (taken, seen)
        }

        /// Asks again and again how many are online: the broker may drop questions, too.
        private func askUntil(_ births: Int, within patience: Duration) throws -> Int {
            let end = ContinuousClock.now + patience
            var next = ContinuousClock.now
            var seen = 0
            try swarm.run(within: patience + .seconds(10), pause: 10) { answer in
                seen = answer.number(after: #""total":"#) ?? seen
            } until: {
                let now = ContinuousClock.now
                if seen < births, now >= next {
                    let topic = "presence/request/\(Self.asker)/phone/online"
                    swarm.publish(asker, topic, Array(#"{"pageSize":0}"#.utf8))
                    next = now + .milliseconds(50)
                }
                return seen >= births || now >= end
            }
            return seen
        }
    }
}
