import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("Response Topics", .service())
struct ResponseTopicTests {
    private func request(
        _ client: TestClient,
        _ operation: String,
        _ payload: String,
        answerOn topic: String,
        retain: Bool = false
    ) async throws {
        let (user, device) = client.owner
        var properties = MessageProperties()
        properties.responseTopic = topic
        properties.correlationData = Array(topic.utf8)
        try await client.publish(
            "presence/request/\(user)/\(device)/\(operation)",
            payload,
            retain: retain,
            properties: properties
        )
    }

    @Test("The answer goes to the device's own topic or any topic below it, and to no other")
    func own() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let own = "presence/response/alice/test"
        for topic in [own, own + "/1", own + "/a/b/c", own + "/"] {
            try await request(alice, "subscriptions", "", answerOn: topic)
            let answer = try await alice.expect("presence/response/#")
            #expect(answer.topic == topic)
            #expect(answer.properties.correlationData == Array(topic.utf8))
            #expect(try answer.json.errorCode == nil)
        }
        // An error goes there, too.
        try await request(alice, "nothing", "", answerOn: own + "/error")
        let error = try await alice.expect("presence/response/#")
        #expect(error.topic == own + "/error")
        #expect(try error.json.errorCode == "unknown_operation")
        #expect(alice.takeMessages().isEmpty)
    }

    @Test("A foreign one is refused on the default topic, and nothing is published to it")
    func foreign() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/#")
        let bob = try await service.client("bob")
        let foreign = [
            "presence/response/eve/test", "presence/response/bob/other",
            "presence/response/bob/test2", "presence/response/bob/tes", "presence/response/bob",
            "presence/response/bob/", "presence/event/bob", "presence/event/eve",
            "presence/status/bob", "presence/device/bob/test", "presence/bridge/presence-bridge",
            "presence/request/eve/test/subscribe", "presence", "presence/response/bob/TEST",
            "presence/response/bob/test\u{301}",
        ]
        let payload = #"{"id":5,"usernames":["a"]}"#
        for topic in foreign {
            try await request(bob, "subscribe", payload, answerOn: topic)
            let answer = try await bob.expect("presence/response/#")
            #expect(answer.topic == "presence/response/bob/test")
            #expect(answer.properties.correlationData == Array(topic.utf8))
            #expect(try answer.json.errorCode == "invalid_response_topic", "for \(topic)")
            #expect(try answer.json["id"] == .integer(5))
        }
        // Malformed and more comes before it, and goes to the default topic as well.
        for (operation, payload, code) in [
            ("subscribe", #"{"usernames":5}"#, "malformed_request"),
            ("nothing", "{}", "unknown_operation"),
            ("get", String(repeating: "x", count: 65_537), "payload_too_large"),
        ] {
            try await request(bob, operation, payload, answerOn: foreign[0])
            let answer = try await bob.expect("presence/response/bob/test")
            #expect(try answer.json.errorCode == code)
        }
        // What comes before the others: the Response Topic is wrong, whoever is asked about.
        try await request(bob, "get", #"{"usernames":["$"]}"#, answerOn: foreign[0])
        let answer = try await bob.expect("presence/response/bob/test")
        #expect(try answer.json.errorCode == "invalid_response_topic")

        // Whatever the bridge has published before this answer, the monitor has then.
        #expect(try await service.result(bob, "subscriptions")["total"] == .integer(0))
        _ = try await monitor.expect("presence/response/bob/test") { message in
            (try? message.json["operation"]) == .string("subscriptions")
        }
        let strays = monitor.takeMessages().filter { message in
            foreign.contains(message.topic) && !message.topic.hasPrefix("presence/bridge/")
        }
        #expect(strays.isEmpty)
    }

    @Test("One that brokers do not take is refused on the default topic, and the bridge goes on")
    func unpublishable() async throws {
        let service = try Service.current
        let dave = try await service.client("dave")
        let own = "presence/response/dave/test"
        // With the four levels of its own: 200 in all.
        let deepest = own + String(repeating: "/x", count: 196)
        try await request(dave, "subscriptions", "", answerOn: deepest)
        let answer = try await dave.expect("presence/response/#")
        #expect(answer.topic == deepest)
        #expect(try answer.json.errorCode == nil)
        for topic in [197, 198, 201, 20_000].map({ own + String(repeating: "/x", count: $0) })
            + [deepest + "/", own + String(repeating: "/", count: 65_535 - own.utf8.count)]
        {
            let asking = try await service.client("dave")
            do {
                try await request(asking, "subscriptions", "", answerOn: topic)
            } catch  where MosquittoLibrary.version != "2.0.11" {
                // Later libraries do not send it, and later brokers throw off whoever does.
                continue
            }
            let answer = try await asking.expect("presence/response/#")
            #expect(answer.topic == own)
            #expect(try answer.json.errorCode == "invalid_response_topic")
        }
        try await request(dave, "subscriptions", "", answerOn: deepest)
        _ = try await dave.expect("presence/response/#")
        #expect(!service.bridgeLog.contains("no connection"))
        #expect(service.bridgeLog.components(separatedBy: "connected to the broker").count == 2)
    }

    @Test("A retained request is refused and cleared, and its answer may go to its own topic only")
    func retained() async throws {
        let service = try Service.current
        let carol = try await service.client("carol")
        let topic = "presence/request/carol/test/subscribe"
        let monitor = try await service.monitor(topic)
        let payload = #"{"id":"r","usernames":["a"]}"#
        for answerTopic in ["presence/response/carol/test/r", "presence/response/dave/test"] {
            try await request(carol, "subscribe", payload, answerOn: answerTopic, retain: true)
            let answer = try await carol.expect("presence/response/#")
            let isOwn = answerTopic.hasPrefix("presence/response/carol/test")
            #expect(answer.topic == (isOwn ? answerTopic : "presence/response/carol/test"))
            #expect(try answer.json.errorCode == "malformed_request")
            #expect(try answer.json["id"] == .string("r"))
            #expect(!answer.retain)
            _ = try await monitor.expect(topic) { $0.payload.isEmpty && $0.retain }
        }
        #expect(try await service.result(carol, "subscriptions")["total"] == .integer(0))

        // Clearing one is no request: the next answer is that of the next request.
        try await carol.publish(topic, "", retain: true)
        _ = try await service.result(carol, "subscriptions")
        #expect(carol.takeMessages().isEmpty)
    }

    @Test("A retained request from before the bridge's start is refused and cleared")
    func retainedBefore() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let alice = try await service.client("alice")
        let topic = "presence/request/alice/test/subscribe"
        try await alice.publish(topic, #"{"usernames":["a"]}"#, retain: true)
        try await service.startBridge()
        let answer = try await alice.expect("presence/response/alice/test")
        #expect(answer.text.contains("malformed_request"))
        let list = try await service.result(alice, "subscriptions")
        #expect(list["total"] == .integer(0))
        // What is retained comes filter by filter.
        let monitor = try await service.monitor("presence/request/alice/#", "presence/bridge/+")
        _ = try await monitor.expect("presence/bridge/+")
        #expect(!monitor.takeMessages().contains { $0.topic == topic })
    }
}
