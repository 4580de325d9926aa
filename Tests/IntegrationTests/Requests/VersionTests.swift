import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("Versions of MQTT and qualities of service", .service(users: ["erin", "fay"]))
struct VersionTests {
    @Test("By MQTT 5 the answer goes to the Response Topic, with the Correlation Data")
    func version5() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        var properties = MessageProperties()
        properties.responseTopic = "presence/response/alice/test/5"
        properties.correlationData = [0, 1, 0xFF, 0]
        for (payload, isError) in [(#"{"usernames":["a"]}"#, false), ("{}", true), ("{", true)] {
            try await alice.publish(
                "presence/request/alice/test/get",
                payload,
                properties: properties
            )
            let answer = try await alice.expect("presence/response/#")
            #expect(answer.topic == properties.responseTopic)
            #expect(answer.properties.correlationData == properties.correlationData)
            #expect(answer.properties.responseTopic == nil)
            #expect(!answer.retain)
            #expect((try answer.json.errorCode != nil) == isError)
        }
    }

    @Test("Without a Response Topic it goes to the default one, with the Correlation Data if any")
    func withoutResponseTopic() async throws {
        let service = try Service.current
        let bob = try await service.client("bob")
        let topic = "presence/request/bob/test/subscriptions"
        try await bob.publish(topic, "")
        let plain = try await bob.expect("presence/response/#")
        #expect(plain.topic == "presence/response/bob/test")
        #expect(plain.properties.correlationData == nil)

        var properties = MessageProperties()
        properties.correlationData = Array(repeating: 7, count: 1_000)
        try await bob.publish(topic, "", properties: properties)
        let correlated = try await bob.expect("presence/response/#")
        #expect(correlated.topic == "presence/response/bob/test")
        #expect(correlated.properties.correlationData == properties.correlationData)
    }

    @Test("By MQTT 3.1.1 it goes to the default topic, and everything else is as by MQTT 5")
    func version311() async throws {
        let service = try Service.current
        let carol = try await service.device("carol", "old", version: .v311)
        try await service.status(of: "carol", is: "online")
        try await carol.publish("presence/request/carol/old/subscribe", #"{"usernames":["erin"]}"#)
        let answer = try await carol.expect("presence/response/#")
        #expect(answer.topic == "presence/response/carol/old")
        #expect(answer.qos == 1)
        #expect(try answer.json["result"]?["subscribed"]?.texts("username") == ["erin"])

        let erin = try await service.device("erin", "old", version: .v311)
        let online = try await carol.expect("presence/event/carol")
        #expect(online.qos == 1)
        #expect(!online.retain)
        #expect(try online.json.texts("username") == ["erin"])
        await erin.dropConnection()
        let lost = try await carol.expect("presence/event/carol").json
        #expect(lost[0]?["cause"] == .string("lost"))
    }

    @Test(
        "Answers to requests that are sent in one go come in their order, errors too",
        arguments: ProtocolVersion.allCases
    )
    func order(version: ProtocolVersion) async throws {
        let service = try Service.current
        let device = version == .v5 ? "five" : "old"
        let fay = try await service.client("fay", device, version: version)
        let operations = (0..<40).map { ["get", "subscriptions", "nothing", "sync"][$0 % 4] }
        try await fay.call { connection in
            for operation in operations {
                let topic = "presence/request/fay/\(device)/\(operation)"
                _ = try connection.publish(Message(topic: topic, payload: "", qos: 1))
            }
        }
        let answers = try await fay.expect(40, on: "presence/response/fay/\(device)")
        #expect(try answers.map { try $0.json["operation"]?.string } == operations)
    }

    @Test("An answer has the quality of service of its request", arguments: [0, 1, 2] as [UInt8])
    func qualityOfService(qos: UInt8) async throws {
        let service = try Service.current
        for version in ProtocolVersion.allCases {
            let device = "q\(qos)-\(version)"
            let dave = try await TestClient.connect(
                to: service.broker,
                username: "dave",
                password: "dave",
                version: version
            )
            let topic = "presence/response/dave/\(device)"
            try await dave.subscribe(topic, options: SubscriptionOptions(qos: 2))
            for operation in ["subscriptions", "nothing"] {
                try await dave.publish("presence/request/dave/\(device)/\(operation)", "", qos: qos)
                #expect(try await dave.expect(topic).qos == qos)
            }
        }
    }

    @Test("An event has QoS 1, is not retained, and by MQTT 5 expires within a minute")
    func event() async throws {
        let service = try Service.current
        let erin = try await service.client("erin", "watch")
        try await service.subscribe(erin, to: "nora")
        try await service.bringOnline(["nora"])
        let event = try await erin.expect("presence/event/erin")
        #expect(event.qos == 1)
        #expect(!event.retain)
        #expect((1...60).contains(event.properties.messageExpiry ?? 0))
        let late = try await service.monitor("presence/event/erin", "presence/status/nora")
        _ = try await late.expect("presence/status/nora") { $0.retain }
        #expect(late.takeMessages().isEmpty)
    }
}
