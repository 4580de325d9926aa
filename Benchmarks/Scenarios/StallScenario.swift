import BrokerFixture
import Glibc

/// How soon the bridge knows of all who came online while it stood still, with a broker that drops
/// most of that.
///
/// The broker is as it is without any configuration: it keeps a thousand messages for a client that
/// does not read, and drops the rest.
enum StallScenario: Scenario {
    static let number = 11
    static let title = "12,000 births while the bridge stands still, until all are seen"

    static func run(_ options: RunOptions) async throws -> [Finding] {
        let births = options.size(12_000, quick: 12_000)
        let patience: Duration = options.isQuick ? .seconds(30) : .seconds(120)
        var remarks: [String] = []
        func side(_ program: BridgeProgram?) -> Comparison.Side {
            .init {
                let stall = try Stall(of: program)
                let (taken, seen) = try stall.measure(births, within: patience)
                if seen < births {
                    let who = program == nil ? "the bridge" : Comparison.otherBuild
                    remarks.append(
                        "\(who) had seen \(Figure.text(Double(seen))) after \(patience), and "
                            + "the round ended there"
                    )
                }
                return [taken]
            }
        }
        let comparison = try Comparison(
            options,
            bridge: side(nil),
            other: options.against.map { side($0) }
        )
        let name = "11  \(Figure.text(Double(births))) births while the bridge stands still"
        var line = comparison.line(scenario: name, unit: "s", goal: .atMost(5, firstBar: 10))
        line.remarks = remarks
        return [line] + comparison.besideOther(scenario: name, unit: "s")
    }

    /// A bridge that knows nobody yet, and a broker with its default limits.
    private struct Stall {
        private static let gateways = 10
        private static let asker = "alice"

        private let testbed: Testbed
        private let swarm: Swarm
        private let gateways: Range<Int>
        private let asker: Int

        init(of program: BridgeProgram?) throws {
            testbed = try Testbed(of: program) { broker in
                broker.extra = ""
                broker.sysInterval = 10
            }
            try testbed.startBridge()
            swarm = testbed.swarm()
            gateways = try swarm.connect(Array(repeating: "bench", count: Self.gateways))
            asker = try swarm.connect([Self.asker]).lowerBound
            swarm.subscribe(asker, to: ["presence/response/\(Self.asker)/phone"], qos: 1)
            try swarm.run(until: { swarm.isQuiet })
            testbed.waitForRest()
        }

        /// Stops the bridge for as long as the births take; returns how many seconds after that it
        /// has seen all of them, or after how many it has not, and how many it has seen then.
        func measure(
            _ births: Int,
            within patience: Duration
        ) throws -> (seconds: Double, seen: Int) {
            testbed.bridge?.send(SIGSTOP)
            for number in 0..<births {
                swarm.publish(
                    gateways.lowerBound + number % gateways.count,
                    "presence/device/user\(number)/phone",
                    Array("online".utf8),
                    isRetained: true
                )
            }
            try swarm.run(until: { swarm.isQuiet })
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
