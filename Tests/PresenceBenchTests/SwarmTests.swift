import BrokerFixture
import Testing

@testable import presence_bench

@Suite("The clients of the bench")
struct SwarmTests {
    @Test("They get what they are subscribed to, whole and acknowledged, however long it is")
    func delivery() async throws {
        let broker = try await Broker.start()
        try await offPool {
            let swarm = Swarm(port: broker.port)
            let clients = try swarm.connect(["anna", "boris"])
            let (sender, reader) = (clients.lowerBound, clients.lowerBound + 1)
            swarm.subscribe(reader, to: ["news/+"], qos: 1)
            try swarm.run(until: { swarm.isQuiet })
            let payloads = [0, 1, 127, 128, 16_384, 300_000].map {
                [UInt8](repeating: 7, count: $0)
            }
            for (number, payload) in payloads.enumerated() {
                swarm.publish(sender, "news/item\(number)", payload)
            }
            var sizes: [Int: Int] = [:]
            try swarm.run(within: .seconds(20)) { message in
                #expect(message.client == reader)
                sizes[message.trailingNumber] = message.payload.count
            } until: {
                sizes.count == payloads.count && swarm.isQuiet
            }
            #expect(sizes == [0: 0, 1: 1, 2: 127, 3: 128, 4: 16_384, 5: 300_000])
        }
    }

    @Test("The statuses of a batch of events are counted")
    func statuses() {
        let batch = Array(#"[{"username":"a","seq":12},{"username":"seq","seq":3}]"#.utf8)
        batch.withUnsafeBytes { payload in
            #expect(Delivery(client: 0, topic: payload, payload: payload).statusCount == 2)
        }
    }
}
