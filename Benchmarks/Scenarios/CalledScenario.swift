import BrokerFixture

/// What the answers over MQTT lose while others come by HTTP.
enum CalledScenario: Scenario {
    static let number = 13
    static let title = "get of one name, beside 1,000 calls a second and 1,000 slow streams"

    static func run(_ options: RunOptions) async throws -> [Finding] {
        try [true, false].flatMap { calls in try run(options, calls: calls) }
    }

    private static func run(_ options: RunOptions, calls: Bool) throws -> [Finding] {
        let count = options.size(100_000, quick: 20_000)
        let (rate, streams) = (1_000, 1_000)
        let folder = try TemporaryFolder()
        let port = try ReservedPort()
        let settings = try CallLoad.settings(port: port.port, folder: folder)
        let asking = try Asking(on: Testbed(), 0, settings)
        let load = CallLoad(port: port.port)
        _ = try asking.rate("presence", count / 10)
        var told: [String] = []
        let called = Comparison.Side(on: asking.testbed) {
            if calls {
                try load.begin(callsPerSecond: rate)
            } else {
                try load.open(streams: streams)
            }
            defer {
                let done = calls ? load.end() : load.closeStreams()
                told.append("\(done)")
            }
            return [try asking.rate("presence", count)]
        }
        let alone = Comparison.Side(on: asking.testbed) { [try asking.rate("presence", count)] }
        let comparison = try Comparison(options, bridge: called, other: alone)
        var findings = comparison.besideOther(
            scenario: calls
                ? "13  get of one name, beside \(rate) calls a second by HTTP"
                : "13  get of one name, beside \(streams) streams that nobody reads",
            beside: "the same alone",
            unit: "/s",
            goal: .atLeast(0.97)
        )
        for index in findings.indices {
            findings[index].remarks = [
                (calls ? "calls answered: " : "streams open: ") + told.joined(separator: ", ")
            ]
        }
        return findings
    }
}
