import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("A topic prefix of several levels")
struct PrefixTests {
    @Test("Everything is below it, and what is below the default means nothing")
    func prefix() async throws {
        let service = try await Service.start(["topic_prefix": "site/a"], startsBridge: false) {
            $0.acl = $0.acl.map { $0.replacing("presence/", with: "site/a/") }
            $0.acl? += "\npattern write presence/device/%u/+\n"
        }
        defer { service.end() }
        try await service.startBridge(waits: false)
        try await service.retained("site/a/bridge/\(Service.bridgeID)") {
            $0["state"]?.string == "online"
        }
        let watcher = try await TestClient.connect(
            to: service.broker,
            username: "bob",
            password: "bob"
        )
        try await watcher.subscribe("site/a/response/bob/phone", "site/a/event/bob")
        let answer = try await watcher.request(
            "site/a/request/bob/phone/subscribe",
            #"{"usernames":["alice"]}"#,
            answerOn: "site/a/response/bob/phone"
        )
        #expect(try answer.json["result"]?["subscribed"]?[0]?["seq"]?.integer == 0)
        let device = try await TestClient.connect(
            to: service.broker,
            username: "alice",
            password: "alice",
            will: Message(topic: "site/a/device/alice/phone", payload: "lost", qos: 1, retain: true)
        )
        try await device.publish("presence/device/alice/other", "dnd", retain: true)
        try await device.publish("site/a/device/alice/phone", "away", retain: true)
        let told = try await watcher.expect("site/a/event/bob").json[0]
        #expect(try told?["devices"] == .text(#"{"phone":"away"}"#))
        #expect(try await service.retained("site/a/status/alice") == told)
        await device.dropConnection()
        let lost = try await watcher.expect("site/a/event/bob").json[0]
        #expect(lost?["cause"]?.string == "lost")
        // Had the device below the default prefix counted, its user would still be online.
        #expect(lost?["online"]?.bool == false)
        #expect(try await service.bridgeProcess?.terminate() == .code(0))
    }
}
