import BrokerFixture

/// Four users who ask after one of them.
struct Asking {
    private static let device = "phone"
    private static let users = ["anna", "boris", "clara", "david"]
    private static let question = Array(#"{"id":123456,"usernames":["boris"]}"#.utf8)

    let testbed: Testbed
    /// How long an answer is.
    private(set) var answerSize = 0
    private let swarm: Swarm
    private let clients: [Int]
    private let qos: UInt8

    /// Starts the bridge, and lets the users come online.
    init(on testbed: Testbed, _ qos: UInt8, _ settings: [String: String] = [:]) throws {
        self.testbed = testbed
        self.qos = qos
        try testbed.startBridge(settings)
        swarm = testbed.swarm()
        clients = Array(try swarm.connect(Self.users))
        for (client, user) in zip(clients, Self.users) {
            for root in ["presence", "bench"] {
                let topic = "\(root)/response/\(user)/\(Self.device)"
                swarm.subscribe(client, to: [topic], qos: qos)
            }
            let topic = "presence/device/\(user)/\(Self.device)"
            swarm.publish(client, topic, Array("online".utf8))
        }
        try swarm.run(until: { swarm.isQuiet })
        while answerSize == 0 {
            let answer = try ask()
            if answer.contains(#""status":"online""#) { answerSize = answer.utf8.count }
        }
    }

    /// How many questions there are, if there shall be so many: the same number for each user.
    func total(of count: Int) -> Int { count / Self.users.count * Self.users.count }

    /// How many questions are answered in a second.
    func rate(_ root: String, _ count: Int) throws -> Double {
        let topics = Self.users.map { "\(root)/request/\($0)/\(Self.device)/get" }
        return try RequestLoad(clients: clients, depth: 50).rate(
            each: total(of: count) / clients.count,
            over: swarm,
            qos: qos
        ) { client, _ in (topics[client - clients[0]], Self.question) }
    }

    private func ask() throws -> String {
        var answer: String?
        let topic = "presence/request/\(Self.users[0])/\(Self.device)/get"
        swarm.publish(clients[0], topic, Self.question, qos: qos)
        try swarm.run {
            answer = $0.text
        } until: {
            answer != nil
        }
        return answer ?? ""
    }
}
