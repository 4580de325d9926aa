import BrokerFixture

/// Watchers with a user each, whose changes come one after the other.
final class WatchedPairs {
    /// What is sent for a pair, and brings one message to its watcher.
    enum Message {
        /// A change of the user's word, of which the bridge tells.
        case change
        /// A message that the bridge's yardstick answers.
        case hop
    }

    /// So many that none changes again within the bridge's `event_interval` of 100 ms, at up to 40,000
    /// changes a second: of two within it one event tells, and the other is awaited in vain.
    private static let count = 4_000
    private static let inFlight = 100

    /// Where the bridge runs.
    let testbed: Testbed
    /// How many bytes an event has.
    private(set) var eventSize = 0
    private let swarm: Swarm
    private let gateway: Int
    private let clients: Range<Int>
    private var isAway = [Bool](repeating: false, count: WatchedPairs.count)

    /// Starts the bridge, and lets each watcher watch a user of its own.
    ///
    /// - Parameter settings: what differs from the bridge's defaults.
    init(on testbed: Testbed, _ settings: [String: String] = [:]) throws {
        self.testbed = testbed
        try testbed.startBridge(settings)
        swarm = testbed.swarm()
        gateway = try swarm.connect(["bench"]).lowerBound
        let names = (0..<Self.count).map { "watcher\($0)" }
        clients = try swarm.connect(names)
        for (client, name) in zip(clients, names) {
            let filters = [
                "presence/event/\(name)", "presence/response/\(name)/phone",
                "bench/response/\(name)/phone",
            ]
            swarm.subscribe(client, to: filters, qos: 1)
            state("online", of: client)
        }
        try swarm.run(until: { swarm.isQuiet })
        try watch()
        state("busy", of: clients.lowerBound)
        try swarm.run {
            eventSize = $0.payload.count
        } until: {
            eventSize > 0
        }
    }

    private func watch() throws {
        _ = try RequestLoad(clients: Array(clients), depth: 1).rate(
            each: 1,
            over: swarm,
            qos: 1
        ) { [clients] client, _ in
            let number = client - clients.lowerBound
            let names = Array(#"{"id":1,"usernames":["user\#(number)"]}"#.utf8)
            return ("presence/request/watcher\(number)/phone/subscribe", names)
        }
    }

    /// How many messages a second come back at most, with a hundred on their way.
    func greatestRate(of message: Message, _ count: Int) throws -> Double {
        try stream(of: message).greatestRate(count, inFlight: Self.inFlight, over: swarm)
    }

    /// How many seconds each message takes, at a steady rate.
    func delays(of message: Message, _ count: Int, rate: Double) throws -> [Double] {
        try stream(of: message).delays(count, rate: rate, over: swarm)
    }

    private func stream(of message: Message) -> Stream {
        switch message {
        case .change: Stream(clients: clients) { self.change($0) }
        case .hop: Stream(clients: clients) { self.hop($0) }
        }
    }

    private func change(_ client: Int) {
        isAway[client - clients.lowerBound].toggle()
        state(isAway[client - clients.lowerBound] ? "away" : "busy", of: client)
    }

    private func hop(_ client: Int) {
        let topic = "bench/request/watcher\(client - clients.lowerBound)/phone/get"
        swarm.publish(gateway, topic, Array("busy".utf8))
    }

    private func state(_ word: String, of client: Int) {
        let topic = "presence/device/user\(client - clients.lowerBound)/phone"
        swarm.publish(gateway, topic, Array(word.utf8), isRetained: true)
    }
}
