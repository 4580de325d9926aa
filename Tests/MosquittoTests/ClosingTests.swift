import BrokerFixture
import Mosquitto
import Testing

@Suite("The end of a connection")
struct ClosingTests {
    @Test("A connection that drops leaves its will", .broker, arguments: ProtocolVersion.allCases)
    func will(_ version: ProtocolVersion) async throws {
        let broker = try Broker.current
        let reader = try await TestClient.connect(to: broker)
        try await reader.subscribe("will")
        var properties = MessageProperties()
        properties.userProperties = [UserProperty("from", "the grave")]
        let client = try await TestClient.connect(
            to: broker,
            version: version,
            will: Message(topic: "will", payload: "lost", qos: 1, properties: properties)
        )
        await client.dropConnection()
        let will = try await reader.expect("will")
        #expect(will.text == "lost")
        #expect(will.qos == 1)
        #expect(
            will.properties.userProperties
                == (version == .v5 ? [UserProperty("from", "the grave")] : [])
        )
    }

    @Test("A connection that disconnects leaves no will", .broker)
    func noWill() async throws {
        let broker = try Broker.current
        let reader = try await TestClient.connect(to: broker)
        try await reader.subscribe("will")
        let client = try await TestClient.connect(
            to: broker,
            will: Message(topic: "will", payload: "lost")
        )
        try await client.disconnect()
        #expect(try await reader.drain() == [])
    }

    @Test("A DISCONNECT with will leaves it", .broker)
    func disconnectWithWill() async throws {
        let broker = try Broker.current
        let reader = try await TestClient.connect(to: broker)
        try await reader.subscribe("will")
        let client = try await TestClient.connect(
            to: broker,
            will: Message(topic: "will", payload: "lost")
        )
        try await client.disconnect(reason: .disconnectWithWill)
        #expect(try await reader.expect("will").text == "lost")
    }

    @Test(
        "A take-over is named in MQTT 5 and a loss in 3.1.1",
        .broker,
        arguments: ProtocolVersion.allCases
    )
    func takeOver(_ version: ProtocolVersion) async throws {
        let broker = try Broker.current
        let first = try await TestClient.connect(to: broker, id: "same", version: version)
        let second = try await TestClient.connect(to: broker, id: "same", version: version)
        let closure = try await first.closure()
        switch version {
        case .v5: #expect(closure == .byServer(.sessionTakenOver))
        case .v311: #expect(closure == .lost("the broker closed it"))
        }
        try await second.disconnect()
    }

    @Test("A broker that stops says so in MQTT 5", .broker)
    func stop() async throws {
        let broker = try Broker.current
        let client = try await TestClient.connect(to: broker)
        let old = try await TestClient.connect(to: broker, version: .v311)
        try await broker.stop()
        #expect(try await client.closure() == .byServer(.serverShuttingDown))
        guard case .lost = try await old.closure() else {
            Issue.record("expected a loss, got \(try await old.closure())")
            return
        }
    }

    @Test("A broker that is killed is a lost connection", .broker)
    func kill() async throws {
        let broker = try Broker.current
        let client = try await TestClient.connect(to: broker)
        broker.kill()
        guard case .lost(let words) = try await client.closure() else {
            Issue.record("expected a loss, got \(try await client.closure())")
            return
        }
        #expect(words == "the broker closed it" || words == "Connection reset by peer")
    }

    @Test("A broker that answers no ping is given up", .broker)
    func keepAlive() async throws {
        let broker = try Broker.current
        let client = try await TestClient.connect(to: broker) { $0.keepAlive = 5 }
        broker.pause()
        #expect(try await client.closure(timeout: .seconds(20)) == .keepAliveTimeout)
        broker.resume()
    }

    @Test("After the end nothing is sent and nothing crashes", .broker)
    func afterTheEnd() async throws {
        let broker = try Broker.current
        let client = try await TestClient.connect(to: broker)
        broker.kill()
        _ = try await client.closure()
        await #expect(throws: MosquittoError.notConnected) { try await client.publish("a", "b") }
        await #expect(throws: MosquittoError.notConnected) { try await client.subscribe("a") }
        let quiet = try await client.call { connection in
            connection.tick()
            connection.write()
            connection.disconnect()
            return !connection.read() && connection.fileDescriptor == nil
                && !connection.wantsWrite && connection.takeEvents().isEmpty
        }
        #expect(quiet)
    }
}
