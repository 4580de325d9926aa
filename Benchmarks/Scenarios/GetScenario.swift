import BrokerFixture

/// How many questions after one user the bridge answers in a second.
enum GetScenario: Scenario {
    static let number = 1
    static let title = "get of one name, 200 outstanding"

    static func run(_ options: RunOptions) async throws -> [Finding] {
        try [0, 1].flatMap { qos in try run(options, qos: qos) }
    }

    private static func run(_ options: RunOptions, qos: UInt8) throws -> [Finding] {
        let count = options.size(100_000, quick: 10_000)
        let asking = try Asking(on: Testbed(), qos)
        try asking.testbed.startResponder(.echo, answerSize: asking.answerSize)
        _ = try asking.rate("bench", count / 10)
        func side(_ asking: Asking) throws -> Comparison.Side {
            _ = try asking.rate("presence", count / 10)
            return .init(on: asking.testbed) { [try asking.rate("presence", count)] }
        }
        let comparison = try Comparison(
            options,
            measuresCost: true,
            bridge: side(asking),
            other: options.against.map { try side(Asking(on: Testbed(of: $0), qos)) },
            yardstick: { [try asking.rate("bench", count)] }
        )
        let name = "1  get of one name, QoS \(qos)"
        return [
            Finding(
                scenario: name,
                yardstick: "libmosquitto echo",
                unit: "/s",
                rounds: comparison.rounds(),
                goal: .atLeast(0.90),
                usage: comparison.usage,
                remarks: ["answers of \(asking.answerSize) bytes"]
            )
        ] + comparison.besideOther(scenario: name, unit: "/s") + [
            comparison.cost(
                of: asking.total(of: count),
                scenario: "1  CPU for a get, QoS \(qos)",
                goal: .atMost(0.5, firstBar: 0.7)
            )
        ]
    }
}
