/// How fast the statuses of many who come online at once are right.
enum LoginStormScenario: Scenario {
    static let number = 4
    static let title = "100,000 births at once, until every status is right"

    static func run(_ options: RunOptions) async throws -> [Finding] {
        let births = options.size(100_000, quick: 10_000)
        func side(_ crowd: Crowd) -> Comparison.Side {
            .init(on: crowd.testbed) {
                [try crowd.rate("presence", births, word: #""status":"online""#)]
            }
        }
        let crowd = try Crowd(on: Testbed())
        // With a broker of its own, since each turn leaves its topics at the broker for good.
        let yardstick = try Crowd(on: Testbed(), answeredWith: crowd.statusSize)
        let comparison = try Comparison(
            options,
            measuresCost: true,
            bridge: side(crowd),
            other: options.against.map { side(try Crowd(on: Testbed(of: $0))) },
            yardstick: { [try yardstick.rate("bench", births, word: "x")] }
        )
        let name = "4  \(Figure.text(Double(births))) births, QoS 1, retained"
        return [
            Finding(
                scenario: name,
                yardstick: "a client that answers each",
                unit: "/s",
                rounds: comparison.rounds(),
                goal: .atLeast(0.90),
                usage: comparison.usage,
                remarks: ["statuses of \(crowd.statusSize) bytes"]
            )
        ] + comparison.besideOther(scenario: name, unit: "/s") + [
            comparison.cost(
                of: births,
                scenario: "4  CPU for a login: a birth and its status",
                goal: .atMost(0.4, firstBar: 0.6)
            )
        ]
    }

    /// Devices that come online, and a reader of everybody's status.
    private final class Crowd {
        let testbed: Testbed
        /// How long a status is.
        private(set) var statusSize = 0
        private let swarm: Swarm
        private let gateways: Range<Int>
        private let reader: Int
        private var round = 0

        /// Starts the bridge, and lets a first device come online.
        convenience init(on testbed: Testbed) throws {
            try self.init(readersOn: testbed)
            try testbed.startBridge()
            let topic = "presence/device/round0user0/phone"
            swarm.publish(gateways.lowerBound, topic, Array("online".utf8))
            try swarm.run {
                statusSize = $0.payload.count
            } until: {
                statusSize > 0
            }
        }

        /// Starts the bridge's yardstick, which answers each birth with so many bytes.
        convenience init(on testbed: Testbed, answeredWith size: Int) throws {
            try self.init(readersOn: testbed)
            statusSize = size
            try testbed.startResponder(.retain, answerSize: size)
        }

        private init(readersOn testbed: Testbed) throws {
            self.testbed = testbed
            swarm = testbed.swarm()
            gateways = try swarm.connect(Array(repeating: "bench", count: 10))
            reader = try swarm.connect(["bench"]).lowerBound
            swarm.subscribe(reader, to: ["presence/status/+", "bench/status/+"], qos: 0)
            try swarm.run(until: { swarm.isQuiet })
        }

        /// Births a second of users that are new; none of them counts before its status says so.
        func rate(_ root: String, _ births: Int, word: String) throws -> Double {
            round += 1
            var isRight = [Bool](repeating: false, count: births)
            var count = 0
            let elapsed = try seconds {
                for number in 0..<births {
                    swarm.publish(
                        gateways.lowerBound + number % gateways.count,
                        "\(root)/device/round\(round)user\(number)/phone",
                        Array("online".utf8),
                        isRetained: true
                    )
                }
                try swarm.run { message in
                    let number = message.trailingNumber
                    guard message.client == reader, !isRight[number], message.text.contains(word)
                    else { return }
                    isRight[number] = true
                    count += 1
                } until: {
                    count >= births
                }
            }
            try swarm.run(until: { swarm.isQuiet })
            return Double(births) / elapsed
        }
    }
}
