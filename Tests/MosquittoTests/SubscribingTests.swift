import BrokerFixture
import Mosquitto
import Testing

@Suite("Subscribing")
struct SubscribingTests {
    @Test("A retained message comes at subscribing, marked", .broker)
    func retained() async throws {
        let client = try await TestClient.connect(to: Broker.current)
        try await client.publish("r/a", "kept", retain: true)
        try await client.subscribe("r/#")
        let message = try await client.expect("r/a")
        #expect(message.retain)
        #expect(message.text == "kept")
    }

    @Test("Retain Handling keeps retained messages away", .broker)
    func retainHandling() async throws {
        let client = try await TestClient.connect(to: Broker.current)
        try await client.publish("r/a", "kept", retain: true)
        var options = SubscriptionOptions(qos: 1)
        options.retainHandling = .doNotSend
        try await client.subscribe("r/#", options: options)
        #expect(try await client.drain() == [])
        options.retainHandling = .sendIfNew
        try await client.subscribe("r/#", options: options)
        #expect(try await client.drain() == [])
        try await client.unsubscribe("r/#")
        try await client.subscribe("r/#", options: options)
        #expect(try await client.drain().map(\.topic) == ["r/a"])
    }

    @Test("Retain As Published keeps the flag on live messages", .broker, arguments: [true, false])
    func retainAsPublished(_ isOn: Bool) async throws {
        let client = try await TestClient.connect(to: Broker.current)
        var options = SubscriptionOptions(qos: 1)
        options.retainAsPublished = isOn
        try await client.subscribe("r/a", options: options)
        try await client.publish("r/a", "live", retain: true)
        #expect(try await client.expect("r/a").retain == isOn)
    }

    @Test("No Local keeps a connection's own messages from it", .broker, arguments: [true, false])
    func noLocal(_ isOn: Bool) async throws {
        let client = try await TestClient.connect(to: Broker.current)
        var options = SubscriptionOptions(qos: 1)
        options.noLocal = isOn
        try await client.subscribe("own", options: options)
        try await client.publish("own", "x")
        #expect(try await client.drain().isEmpty == isOn)
    }

    @Test(
        "Many filters go into one SUBSCRIBE and one UNSUBSCRIBE",
        .broker,
        arguments: ProtocolVersion.allCases
    )
    func manyFilters(_ version: ProtocolVersion) async throws {
        let client = try await TestClient.connect(to: Broker.current, version: version)
        let filters = (0..<500).map { "many/\($0)" }
        let packet = try await client.call { try $0.subscribe(filters) }
        let granted = try await client.granted(packet)
        #expect(granted == [ReasonCode](repeating: .success, count: 500))
        try await client.publish("many/499", "x")
        #expect(try await client.expect().topic == "many/499")
        try await client.call { _ = try $0.unsubscribe(filters) }
        try await client.publish("many/499", "x")
        #expect(try await client.drain() == [])
    }

    @Test(
        "Filters that are none are refused and named",
        .broker,
        arguments: ["", "a#", "a/#/b", "a+/b", "a\0b", "a\u{7}"]
    )
    func invalidFilters(_ filter: String) async throws {
        let client = try await TestClient.connect(to: Broker.current)
        await #expect {
            try await client.subscribe("good", filter)
        } throws: { error in
            if case MosquittoError.invalidTopic(filter, _) = error { true } else { false }
        }
        await #expect(throws: MosquittoError.self) { try await client.unsubscribe(filter) }
        await #expect(throws: MosquittoError.self) {
            try await client.call { try $0.subscribe([]) }
        }
        try await client.subscribe("still/alive")
    }
}

extension TestClient {
    /// Awaits the answer to a SUBSCRIBE that was sent by hand.
    fileprivate func granted(_ packet: Int32) async throws -> [ReasonCode] {
        try await wait("a SUBACK", timeout: Self.patience) { $0.subscriptions[packet] }
    }
}
