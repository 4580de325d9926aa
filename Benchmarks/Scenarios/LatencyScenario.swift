/// How long it takes from a change to the event that tells of it.
enum LatencyScenario: Scenario {
    static let number = 8
    static let title = "from a change to its event, at half the greatest rate"

    /// So many that none changes again within the bridge's `event_interval`.
    private static let users = 2_000
    private static let inFlight = 100

    static func run(_ runSize: RunSize) async throws -> [Finding] {
        let testbed = try Testbed()
        try testbed.startBridge()
        let swarm = testbed.swarm()
        let gateway = try swarm.connect(["bench"]).lowerBound
        let names = (0..<users).map { "watcher\($0)" }
        let clients = try swarm.connect(names)
        let size = try prepare(swarm, gateway, clients, names)
        try testbed.startResponder(.echo, answerSize: size)

        var turn = 0
        let changes = Stream(clients: clients) { client in
            turn += 1
            let word = (turn / users).isMultiple(of: 2) ? "away" : "busy"
            let topic = "presence/device/user\(client - clients.lowerBound)/phone"
            swarm.publish(gateway, topic, Array(word.utf8), isRetained: true)
        }
        let hops = Stream(clients: clients) { client in
            let topic = "bench/request/watcher\(client - clients.lowerBound)/phone/get"
            swarm.publish(gateway, topic, Array("busy".utf8))
        }
        let count = runSize.size(20_000, quick: 4_000)
        _ = try hops.greatestRate(count, inFlight: inFlight, over: swarm)
        let greatest = try changes.greatestRate(count, inFlight: inFlight, over: swarm)
        func percentiles(_ stream: Stream) throws -> [Double] {
            let delays = try stream.delays(count, rate: greatest / 2, over: swarm)
            return [0.5, 0.99].map { Figure.percentile($0, of: delays) * 1_000 }
        }
        let comparison = try Comparison(runSize, on: testbed) {
            try percentiles(changes)
        } yardstick: {
            try percentiles(hops)
        }
        return zip(["p50", "p99"], comparison.rounds).map { name, rounds in
            Finding(
                scenario: "8  change to event, \(name)",
                yardstick: "two raw hops",
                unit: "ms",
                rounds: rounds,
                goal: .atMost(1.3),
                usage: comparison.usage,
                remarks: [
                    "\(Figure.text(greatest / 2)) changes a second, half of what the bridge can do",
                    "events of \(size) bytes",
                ]
            )
        }
    }

    /// Lets each client watch a user of its own; returns the size of an event.
    private static func prepare(
        _ swarm: Swarm,
        _ gateway: Int,
        _ clients: Range<Int>,
        _ names: [String]
    ) throws -> Int {
        for (client, name) in zip(clients, names) {
            let topics = ["presence/event", "presence/response", "bench/response"]
            let filters = [
                topics[0] + "/\(name)", topics[1] + "/\(name)/phone", topics[2] + "/\(name)/phone",
            ]
            swarm.subscribe(client, to: filters, qos: 1)
            let number = client - clients.lowerBound
            swarm.publish(
                gateway,
                "presence/device/user\(number)/phone",
                Array("online".utf8),
                isRetained: true
            )
        }
        try swarm.run(until: { swarm.isQuiet })
        _ = try RequestLoad(clients: Array(clients), depth: 1).rate(
            each: 1,
            over: swarm,
            qos: 1
        ) { client, _ in
            let number = client - clients.lowerBound
            let names = Array(#"{"id":1,"usernames":["user\#(number)"]}"#.utf8)
            return ("presence/request/watcher\(number)/phone/subscribe", names)
        }
        var size = 0
        swarm.publish(gateway, "presence/device/user0/phone", Array("busy".utf8), isRetained: true)
        try swarm.run {
            size = $0.payload.count
        } until: {
            size > 0
        }
        return size
    }
}
