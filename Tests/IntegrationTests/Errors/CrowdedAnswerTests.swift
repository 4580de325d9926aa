import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("Answers that the broker does not take")
struct CrowdedAnswerTests {
    @Test("Past a load requests are refused with unavailable, and counted, and then it goes on")
    func crowded() async throws {
        // A broker keeps a thousand packets for a slow client, and drops what comes after them.
        let service = try await Service.start(startsBridge: false) {
            $0.extra = "max_queued_messages 100000"
        }
        defer { service.end() }
        let relay = try Relay(to: service.broker.port)
        try await service.startBridge([
            "port": "\(relay.port)", "mqtt_version": "3.1.1", "max_description": "65536",
            "request_rate": "100000", "request_burst": "100000", "metrics_interval": "1",
        ])
        let bridge = try #require(service.bridgeProcess)
        // An answer has 240 kilobytes. A hundred of them are the library's.
        let description = String(repeating: "x", count: 60_000)
        for user in ["alice", "carol", "dave"] {
            let client = try await service.client(user, version: .v311)
            _ = try await service.result(client, "publish", #"{"description":"\#(description)"}"#)
        }
        let asker = try await service.client("bob", version: .v311)
        _ = try await service.result(asker, "publish", #"{"description":"\#(description)"}"#)
        relay.hold(true)
        // Nobody reads the answers for bob's other device: the test need not, and the broker drops them.
        for _ in 1...700 {
            try await asker.publish(
                "presence/request/bob/other/get",
                #"{"usernames":["alice","bob","carol","dave"]}"#,
                qos: 0
            )
        }
        // What waits is told with each turn's requests.
        try await eventually("requests are refused", log: bridge.errors) {
            try await asker.publish(
                "presence/request/bob/other/get",
                #"{"usernames":["bob"]}"#,
                qos: 0
            )
            return bridge.errors.contains("requests are refused") ? true : nil
        }
        try await asker.publish(
            "presence/request/bob/test/online",
            #"{"id":"late"}"#,
            qos: 1
        )
        let monitor = try await service.monitor("presence/bridge/+/metrics/requests/refused")
        relay.hold(false)
        // A hundred megabytes go to the broker before it.
        let late = try await asker.expect(
            timeout: .seconds(120),
            where: { $0.text.contains(#""late""#) }
        ).json
        #expect(late["error"]?["code"]?.string == "unavailable")
        _ = try await monitor.expect(where: { (Int($0.text) ?? 0) > 0 })
        _ = try await service.result(asker, "get", #"{"usernames":["nobody"]}"#)
    }
}
