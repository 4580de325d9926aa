import BrokerFixture

/// How many questions after one user the bridge answers in a second.
enum GetScenario: Scenario {
    static let number = 1
    static let title = "get of one name, 200 outstanding"

    private static let device = "phone"
    private static let users = ["anna", "boris", "clara", "david"]

    static func run(_ runSize: RunSize) async throws -> [Finding] {
        try [0, 1].map { qos in try run(runSize, qos: qos) }
    }

    private static func run(_ runSize: RunSize, qos: UInt8) throws -> Finding {
        let testbed = try Testbed()
        try testbed.startBridge()
        let swarm = testbed.swarm()
        let clients = Array(try swarm.connect(users))
        for (client, user) in zip(clients, users) {
            for root in ["presence", "bench"] {
                swarm.subscribe(client, to: ["\(root)/response/\(user)/\(device)"], qos: qos)
            }
            swarm.publish(client, "presence/device/\(user)/\(device)", Array("online".utf8))
        }
        try swarm.run(until: { swarm.isQuiet })

        let question = Array(#"{"id":123456,"usernames":["boris"]}"#.utf8)
        let load = RequestLoad(clients: clients, depth: 50)
        func rate(_ root: String, _ count: Int) throws -> Double {
            let topics = users.map { "\(root)/request/\($0)/\(device)/get" }
            return try load.rate(each: count / users.count, over: swarm, qos: qos) { client, _ in
                (topics[client - clients[0]], question)
            }
        }

        let size = try answerSize(swarm, clients[0], question, qos)
        try testbed.startResponder(.echo, answerSize: size)
        let count = runSize.size(100_000, quick: 10_000)
        _ = try rate("presence", count / 10)
        _ = try rate("bench", count / 10)
        let comparison = try Comparison(runSize, on: testbed) {
            [try rate("presence", count)]
        } yardstick: {
            [try rate("bench", count)]
        }
        return Finding(
            scenario: "1  get of one name, QoS \(qos)",
            yardstick: "libmosquitto echo",
            unit: "/s",
            rounds: comparison.rounds[0],
            goal: .atLeast(0.90),
            usage: comparison.usage,
            remarks: ["answers of \(size) bytes"]
        )
    }

    /// How long an answer is that tells who is asked for.
    private static func answerSize(
        _ swarm: Swarm,
        _ client: Int,
        _ question: [UInt8],
        _ qos: UInt8
    ) throws -> Int {
        var size: Int?
        while size == nil {
            var answer: String?
            swarm.publish(client, "presence/request/\(users[0])/\(device)/get", question, qos: qos)
            try swarm.run {
                answer = $0.text
            } until: {
                answer != nil
            }
            if let answer, answer.contains(#""status":"online""#) { size = answer.utf8.count }
        }
        return size ?? 0
    }
}
