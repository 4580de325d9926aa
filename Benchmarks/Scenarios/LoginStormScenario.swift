/// How fast the statuses of many who come online at once are right.
enum LoginStormScenario: Scenario {
    static let number = 4
    static let title = "100,000 births at once, until every status is right"

    private static let gateways = 10
    private static let reader = "bench"

    static func run(_ runSize: RunSize) async throws -> [Finding] {
        let testbed = try Testbed()
        try testbed.startBridge()
        let swarm = testbed.swarm()
        let births = runSize.size(100_000, quick: 10_000)
        let gateways = try swarm.connect(Array(repeating: "bench", count: gateways))
        let reader = try swarm.connect([reader]).lowerBound
        swarm.subscribe(reader, to: ["presence/status/+", "bench/status/+"], qos: 0)
        try swarm.run(until: { swarm.isQuiet })

        var round = 0
        /// Births a second of users that are new; none of them counts before its status says so.
        func rate(_ root: String, word: String) throws -> Double {
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

        let size = try statusSize(swarm, reader, gateways.lowerBound)
        try testbed.startResponder(.retain, answerSize: size)
        let comparison = try Comparison(runSize, on: testbed) {
            [try rate("presence", word: #""status":"online""#)]
        } yardstick: {
            [try rate("bench", word: "x")]
        }
        return [
            Finding(
                scenario: "4  \(Figure.text(Double(births))) births, QoS 1, retained",
                yardstick: "a client that answers each",
                unit: "/s",
                rounds: comparison.rounds[0],
                goal: .atLeast(0.90),
                usage: comparison.usage,
                remarks: ["statuses of \(size) bytes"]
            )
        ]
    }

    /// How long a status is.
    private static func statusSize(_ swarm: Swarm, _ reader: Int, _ gateway: Int) throws -> Int {
        var size = 0
        swarm.publish(gateway, "presence/device/round0user0/phone", Array("online".utf8))
        try swarm.run {
            size = $0.payload.count
        } until: {
            size > 0
        }
        return size
    }
}
