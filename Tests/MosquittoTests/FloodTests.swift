import BrokerFixture
import Foundation
import Mosquitto
import Testing

@Suite("Floods", .serialized)
struct FloodTests {
    static let generous = "max_queued_messages 1000000\nmax_inflight_messages 1000\n"

    @Test(
        "What a broker that stands still does not take is kept and sent later",
        .broker { $0.extra = generous },
        arguments: [UInt8(0), 1]
    )
    func pausedBroker(_ qos: UInt8) async throws {
        let broker = try Broker.current
        let client = try await TestClient.connect(to: broker) { $0.keepAlive = 0 }
        try await client.subscribe("flood", options: SubscriptionOptions(qos: qos))
        broker.pause()
        let count = 20_000
        let payload = [UInt8](repeating: 65, count: 300)
        let (wantsWrite, unacknowledged) = try await client.call { connection in
            for _ in 0..<count {
                try connection.publish(Message(topic: "flood", payload: payload, qos: qos))
            }
            connection.write()
            return (connection.wantsWrite, connection.unacknowledged)
        }
        #expect(unacknowledged == (qos == 0 ? 0 : count))
        #expect(wantsWrite || qos == 1, "20,000 messages fit into no socket buffer")
        broker.resume()
        let messages = try await client.expect(count, on: "flood", timeout: .seconds(30))
        #expect(messages.allSatisfy { $0.payload == payload })
        try await client.wait("all is acknowledged", timeout: .seconds(10)) { _ in () }
        try await client.publish("end", "x")
        #expect(try await client.call { $0.unacknowledged } == 0)
    }

    @Test("A read is bounded, and says that more is there", .broker { $0.extra = generous })
    func boundedRead() async throws {
        let broker = try Broker.current
        let reader = try await TestClient.connect(to: broker)
        try await reader.subscribe("flood", options: SubscriptionOptions(qos: 0))
        reader.pauseReading()
        let writer = try await TestClient.connect(to: broker)
        for number in 0..<50 { try await writer.publish("flood", "\(number)") }
        let (first, all) = try await reader.call { connection in
            let hasMore = connection.read(limit: 10)
            let first = connection.takeEvents().count
            #expect(hasMore)
            while connection.read(limit: 10) {}
            return (first, first + connection.takeEvents().count)
        }
        #expect(first == 10)
        #expect(all == 50)
    }

    @Test(
        "A read is bounded also while publishes are on their way",
        .broker { $0.extra = generous }
    )
    func boundedReadInFlight() async throws {
        let broker = try Broker.current
        let reader = try await TestClient.connect(to: broker)
        try await reader.subscribe("flood", options: SubscriptionOptions(qos: 0))
        reader.pauseReading()
        let writer = try await TestClient.connect(to: broker)
        for number in 0..<300 { try await writer.publish("flood", "\(number)", qos: 0) }
        try await writer.publish("end", "")
        let (limit, inFlight) = (10, 20)
        let first = try await reader.call { connection in
            for _ in 0..<inFlight {
                try connection.publish(Message(topic: "other", payload: [], qos: 1))
            }
            connection.write()
            #expect(connection.read(limit: limit))
            return connection.takeEvents().count
        }
        // The library reads as many at one go as are on their way; 2.1 all that it has in a buffer
        // of 4 KiB, in which none of these messages takes less than 10 bytes.
        let buffered = MosquittoLibrary.version.hasPrefix("2.0") ? 0 : 4_096 / 10
        #expect(first <= limit + inFlight + buffered)
    }

    @Test(
        "Packet identifiers run out with an error, not with a mix-up",
        .broker { $0.extra = generous }
    )
    func identifiersRunOut() async throws {
        let broker = try Broker.current
        let client = try await TestClient.connect(to: broker) { $0.keepAlive = 0 }
        broker.pause()
        let sent = try await client.call { connection in
            var sent = 0
            do {
                while sent < 70_000 {
                    try connection.publish(Message(topic: "a", payload: [], qos: 1))
                    sent += 1
                }
            } catch MosquittoError.tooManyUnacknowledged {
                return sent
            }
            return sent
        }
        #expect(sent == 65_535)
        broker.resume()
        try await client.publish("b", "x", qos: 0)
        try await client.waitUntilAcknowledged()
        #expect(try await client.publish("a", "again") == .noMatchingSubscribers)
    }
}

extension TestClient {
    fileprivate func waitUntilAcknowledged() async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await call({ $0.unacknowledged }) > 0 {
            guard ContinuousClock.now < deadline else {
                throw FixtureError("not all is acknowledged after 60 s")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
