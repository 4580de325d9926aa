import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("Rates")
struct RateTests {
    /// Publishes all in one go, without waiting for any.
    private func publish(_ client: TestClient, _ messages: [Message]) async throws {
        try await client.call { connection in
            for message in messages { _ = try connection.publish(message) }
        }
    }

    @Test(
        "Past the burst one refusal is answered, the rest dropped, and later it goes on",
        .service(["request_rate": "1", "request_burst": "3"])
    )
    func requests() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let topic = "presence/request/alice/test/get"
        let requests = (1...6).map { id in
            Message(topic: topic, payload: #"{"id":\#(id),"usernames":["a"]}"#, qos: 1)
        }
        try await publish(alice, requests)
        let answers = try await alice.expect(4, on: "presence/response/alice/test").map {
            try $0.json
        }
        #expect(answers.map { $0["id"]?.integer } == [1, 2, 3, 4])
        #expect(answers.prefix(3).allSatisfy { $0["result"] != nil })
        let refusal = try #require(answers.last?["error"])
        #expect(refusal.object?.keys == ["code", "message", "retryAfter"])
        #expect(refusal["code"] == .string("rate_limited"))
        let seconds = try #require(refusal["retryAfter"]?.integer)
        #expect((1...2).contains(seconds))

        // Others are not concerned; and it comes before every other error.
        let bob = try await service.client("bob")
        _ = try await service.result(bob, "subscriptions")

        // Only time brings a token.
        try await Task.sleep(for: .seconds(seconds))
        let answer = try await service.request(alice, "get", #"{"id":7,"usernames":["a"]}"#)
        #expect(answer["id"] == .integer(7))
        #expect(answer["result"] != nil)
        #expect(alice.takeMessages().isEmpty)
    }

    @Test(
        "It comes before every other error",
        .service(["request_rate": "1", "request_burst": "1"])
    )
    func precedence() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let prefix = "presence/request/alice/test"
        try await publish(
            alice,
            [
                Message(topic: "\(prefix)/subscriptions", payload: "", qos: 1),
                Message(
                    topic: "\(prefix)/nothing",
                    payload: String(repeating: "x", count: 65_537),
                    qos: 1
                ),
            ]
        )
        let answers = try await alice.expect(2, on: "presence/response/alice/test")
        #expect(try answers.last?.json.errorCode == "rate_limited")
        #expect(try answers.last?.json["operation"] == .string("nothing"))
    }

    @Test(
        "Past the burst of statements the newest one of each device waits and then takes effect",
        .service(["device_rate": "1", "device_burst": "2"])
    )
    func statements() async throws {
        let service = try Service.current
        let watcher = try await service.client("bob")
        try await service.subscribe(watcher, to: "alice")
        let alice = try await service.client("alice", "phone")
        let topics = ["presence/device/alice/phone", "presence/device/alice/web"]
        let words = [
            (0, "a1"), (0, "a2"), (0, "a3"), (1, "b1"), (0, "a4"), (1, "b2"), (0, "a5"), (1, "b3"),
        ]
        try await publish(
            alice,
            words.map { Message(topic: topics[$0.0], payload: $0.1, qos: 1, retain: true) }
        )
        let last = try JSONValue.text(#"{"phone":"a5","web":"b3"}"#)
        let events = try await watcher.events { $0["devices"] == last }
        let seen = Set(events.compactMap { $0["devices"]?.object }.flatMap { $0.map(\.value) })
        #expect(seen.isSubset(of: ["a1", "a2", "a5", "b3"].map(JSONValue.string)))
        // The event comes before what is retained.
        try await service.status(of: "alice") { $0["devices"] == last }
    }
}
