import BrokerFixture
import Mosquitto
import Testing

@Suite("Publishing")
struct PublishingTests {
    @Test("All properties arrive as they were sent", .broker)
    func properties() async throws {
        let broker = try Broker.current
        let reader = try await TestClient.connect(to: broker)
        try await reader.subscribe("p/#", identifier: 268_435_455)
        try await reader.subscribe("p/+", identifier: 7)
        let writer = try await TestClient.connect(to: broker)
        var properties = MessageProperties()
        properties.responseTopic = "answers/hier/\u{e4}"
        properties.correlationData = [0, 1, 2, 0, 255]
        properties.messageExpiry = 90
        properties.contentType = "application/json"
        properties.userProperties = [
            UserProperty("by", "x"), UserProperty("by", "y"), UserProperty("", ""),
        ]
        try await writer.publish(
            Message(topic: "p/q", payload: [0, 1, 255], qos: 1, properties: properties)
        )
        let messages = try await reader.expect(2, on: "p/q")
        let identifiers = Set(messages.flatMap(\.properties.subscriptionIdentifiers))
        #expect(identifiers == [268_435_455, 7])
        for var message in messages {
            #expect(message.payload == [0, 1, 255])
            message.properties.subscriptionIdentifiers = []
            #expect((85...90).contains(message.properties.messageExpiry ?? 0))
            message.properties.messageExpiry = 90
            #expect(message.properties == properties)
        }
    }

    @Test("A 3.1.1 connection leaves properties out", .broker)
    func noProperties() async throws {
        let client = try await TestClient.connect(to: Broker.current, version: .v311)
        try await client.subscribe("a", options: SubscriptionOptions(qos: 1), identifier: 3)
        var properties = MessageProperties()
        properties.responseTopic = "b"
        try await client.publish("a", "x", properties: properties)
        #expect(try await client.expect("a").properties == MessageProperties())
    }

    @Test(
        "The acknowledgement says that nobody listens, and that the ACL forbids",
        .broker { $0.acl = "topic readwrite open/#\n" }
    )
    func reasons() async throws {
        let client = try await TestClient.connect(to: Broker.current)
        #expect(try await client.publish("open/a", "x") == .noMatchingSubscribers)
        #expect(try await client.publish("closed/a", "x") == .notAuthorized)
        try await client.subscribe("open/#")
        #expect(try await client.publish("open/a", "x") == .success)
        #expect(try await client.publish("open/a", "x", qos: 0) == .success)
        #expect("\(ReasonCode.notAuthorized)" == "Not authorized (0x87)")
    }

    @Test("A QoS 2 publish is acknowledged once", .broker)
    func exactlyOnce() async throws {
        let client = try await TestClient.connect(to: Broker.current)
        try await client.subscribe("a", options: SubscriptionOptions(qos: 2))
        try await client.publish("a", "x", qos: 2)
        #expect(try await client.expect("a").qos == 2)
        #expect(try await client.call { $0.unacknowledged } == 0)
    }

    @Test(
        "An empty payload and a large one arrive",
        .broker { $0.extra = "max_packet_size 4194304" }
    )
    func sizes() async throws {
        let client = try await TestClient.connect(to: Broker.current)
        try await client.subscribe("a")
        try await client.publish("a", "")
        #expect(try await client.expect("a").payload.isEmpty)
        let large = [UInt8]("0123456789".utf8) + [UInt8](repeating: 7, count: 3_000_000)
        try await client.publish(Message(topic: "a", payload: large, qos: 1))
        #expect(try await client.expect("a").payload == large)
    }

    @Test(
        "A message that the broker does not take is refused before it is sent",
        .broker { $0.extra = "max_packet_size 1000" }
    )
    func tooLarge() async throws {
        let client = try await TestClient.connect(to: Broker.current)
        let large = Message(topic: "a", payload: [UInt8](repeating: 1, count: 2_000), qos: 1)
        await #expect(throws: MosquittoError.messageTooLarge(bytes: 2_000)) {
            try await client.publish(large)
        }
        #expect(try await client.call { $0.unacknowledged } == 0)
        #expect(try await client.publish("a", "small") == .noMatchingSubscribers)
    }

    @Test(
        "Topics that are none are refused and harm nothing",
        .broker,
        arguments: ["", "a/+", "#", "a\0b", "a\u{1}b", String(repeating: "x", count: 65_536)]
    )
    func invalidTopics(_ topic: String) async throws {
        let client = try await TestClient.connect(to: Broker.current)
        for qos in UInt8(0)...1 {
            await #expect {
                try await client.publish(topic, "x", qos: qos)
            } throws: { error in
                if case MosquittoError.invalidTopic(topic, _) = error { true } else { false }
            }
        }
        try await client.publish("still/alive", "x")
    }

    @Test("Properties with a NUL and a QoS of 3 are refused", .broker)
    func invalidProperties() async throws {
        let client = try await TestClient.connect(to: Broker.current)
        var properties = MessageProperties()
        properties.userProperties = [UserProperty("a", "b\0c")]
        await #expect(throws: MosquittoError.self) {
            try await client.publish("a", "x", properties: properties)
        }
        properties = MessageProperties()
        properties.responseTopic = "a\0"
        await #expect(throws: MosquittoError.self) {
            try await client.publish("a", "x", properties: properties)
        }
        await #expect(throws: MosquittoError.self) { try await client.publish("a", "x", qos: 3) }
        try await client.publish("still/alive", "x")
    }
}
