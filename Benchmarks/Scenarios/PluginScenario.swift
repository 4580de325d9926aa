import BrokerFixture

/// What the broker's plugin costs the traffic that has nothing to do with presence.
///
/// Two brokers take turns, one with the plugin and one without, with the same clients, users and
/// access control list; each message goes to one client, which is asked about twice: as it is
/// published, and as it is delivered.
enum PluginScenario: Scenario {
    static let number = 10
    static let title = "traffic that is not about presence, with the plugin in the broker"

    private static let pairs = 20
    private static let inFlight = 200
    private static let payload = [UInt8](repeating: 0x78, count: 100)

    static func run(_ options: RunOptions) async throws -> [Finding] {
        try [UInt8(0), 1].map { try run(options, qos: $0) }
    }

    private static func run(_ options: RunOptions, qos: UInt8) throws -> Finding {
        let plain = try Testbed { $0.users = ["bench": "bench"] }
        let plugin = try BridgeProgram.own().plugin
        let extended = try Testbed { broker in
            broker.users = ["bench": "bench"]
            broker.loadPlugin(plugin, ["auto_presence": "true", "acl": "true"])
        }
        let (with, without) = (try Road(on: extended, qos), try Road(on: plain, qos))
        let count = options.size(100_000, quick: 30_000)
        for road in [with, without] { _ = try road.rate(count / 10) }
        let comparison = try Comparison(
            options,
            bridge: .init(on: extended) { [try with.rate(count)] },
            yardstick: { [try without.rate(count)] }
        )
        return Finding(
            scenario: "10  unrelated messages, QoS \(qos), everything in the plugin on",
            yardstick: "a broker without it",
            unit: "messages/s",
            rounds: comparison.rounds(),
            goal: .atLeast(0.97),
            usage: comparison.usage,
            remarks: ["\(pairs) clients, each to itself, \(payload.count) bytes"]
        )
    }

    /// Clients that publish to themselves.
    private struct Road {
        private let swarm: Swarm
        private let stream: Stream

        init(on testbed: Testbed, _ qos: UInt8) throws {
            let swarm = testbed.swarm()
            let names = [String](repeating: "bench", count: pairs)
            let clients = try swarm.connect(names, hasPasswords: true)
            for client in clients { swarm.subscribe(client, to: ["lamp/\(client)"], qos: qos) }
            try swarm.run(until: { swarm.isQuiet })
            stream = Stream(clients: clients) { client in
                swarm.publish(client, "lamp/\(client)", payload, qos: qos)
            }
            self.swarm = swarm
        }

        func rate(_ count: Int) throws -> Double {
            try stream.greatestRate(count, inFlight: inFlight, over: swarm)
        }
    }
}
