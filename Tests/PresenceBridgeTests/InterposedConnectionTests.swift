import BrokerFixture
import Mosquitto
import MosquittoSocketBuffer
import Testing

@Suite("Connections by way of a buffer", .serialized)
struct InterposedConnectionTests {
    private static let generous = "max_queued_messages 1000000\nmax_inflight_messages 1000\n"

    @Test(
        "A broker that stands still gets all, in its order, and the DISCONNECT behind it",
        .broker { $0.extra = generous }
    )
    func farewell() async throws {
        let broker = try Broker.current
        let reader = try await TestClient.connect(to: broker)
        try await reader.subscribe("flood", "will", options: SubscriptionOptions(qos: 0))
        let client = try await connect(to: broker)
        broker.pause()
        let payload = [UInt8](repeating: 65, count: 300)
        let count = 20_000
        let wantsWrite = try await client.call { connection in
            for number in 0..<count {
                try connection.publish(
                    Message(topic: "flood", payload: Array("\(number) ".utf8) + payload)
                )
            }
            connection.write()
            connection.disconnect()
            return connection.wantsWrite
        }
        #expect(wantsWrite, "20,000 messages fit into no socket")
        broker.resume()
        #expect(try await client.closure() == .byUs)
        let messages = try await reader.expect(count, on: "flood", timeout: .seconds(30))
        for (number, message) in messages.enumerated() {
            #expect(message.payload.starts(with: Array("\(number) ".utf8)))
        }
        #expect(try await reader.drain().isEmpty, "a will after an orderly end")
    }

    @Test("A broker that is killed while much waits for it is a lost connection", .broker)
    func killed() async throws {
        let broker = try Broker.current
        let client = try await connect(to: broker)
        broker.pause()
        try await client.call { connection in
            for _ in 0..<20_000 {
                try connection.publish(
                    Message(topic: "flood", payload: [UInt8](repeating: 65, count: 300))
                )
            }
            connection.write()
        }
        broker.kill()
        guard case .lost = try await client.closure() else {
            Issue.record("expected a loss, got \(try await client.closure())")
            return
        }
    }

    private func connect(to broker: Broker) async throws -> TestClient {
        var options = ConnectionOptions(clientID: "buffered", host: broker.host, port: broker.port)
        options.keepAlive = 0
        options.will = Message(topic: "will", payload: "lost")
        let client = try TestClient(options) { InterposedBuffer() }
        try await client.connect()
        return client
    }
}
