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

    @Test("The reason of a broker that disconnects is told")
    func reason() async throws {
        // mosquitto 2.0 closes without a word on a take-over; later ones and other brokers do not.
        let broker = try ScriptedBroker(answers: [0x20, 3, 0, 0, 0, 0xE0, 1, 0x8E])
        let client = try TestClient(broker.options)
        try await client.connect()
        let closure = try await client.closure()
        #expect(closure == .byServer(.sessionTakenOver))
        #expect("\(closure)".contains("0x8E"))
    }

    @Test(
        "What is not MQTT ends the connection",
        arguments: [
            [0x00, 0], [0x20, 255, 255, 255, 255, 255], [0x20, 3, 0, 0, 0, 0x30, 3, 0, 9, 65],
        ] as [[UInt8]]
    )
    func notMQTT(_ answers: [UInt8]) async throws {
        let broker = try ScriptedBroker(answers: answers)
        let client = try TestClient(broker.options)
        client.begin()
        let closure = try await client.closure()
        guard case .protocolViolation = closure else {
            Issue.record("expected a violation, got \(closure)")
            return
        }
    }

    @Test("A take-over ends the old connection", .broker, arguments: ProtocolVersion.allCases)
    func takeOver(_ version: ProtocolVersion) async throws {
        let broker = try Broker.current
        let first = try await TestClient.connect(to: broker, id: "same", version: version)
        let second = try await TestClient.connect(to: broker, id: "same", version: version)
        // mosquitto says why from 2.0.15 on, by MQTT 5.
        let isTold = BrokerProgram.version >= BrokerProgram.Version(2, 0, 15) && version == .v5
        let end: Closure = isTold ? .byServer(.sessionTakenOver) : .lost("the broker closed it")
        #expect(try await first.closure() == end)
        try await second.disconnect()
    }

    @Test("A broker that stops ends the connection", .broker, arguments: ProtocolVersion.allCases)
    func stop(_ version: ProtocolVersion) async throws {
        let broker = try Broker.current
        let client = try await TestClient.connect(to: broker, version: version)
        try await broker.stop()
        #expect(try await client.closure() == .lost("the broker closed it"))
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
