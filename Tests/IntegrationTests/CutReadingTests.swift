import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("Readings that the broker cuts short")
struct CutReadingTests {
    private static let count = 12_000

    @Test(
        "A crowd that came while the bridge stood still is there at once, with the broker's default queue"
    )
    func crowd() async throws {
        let service = try await Service.start(["broker_restart_grace": "60s"]) {
            $0.extra = "max_queued_messages 1000"
        }
        defer { service.end() }
        let alice = try await service.client("alice")
        // In the place of twelve thousand logins: somebody who may state for everyone.
        let crowd = try await TestClient.connect(
            to: service.broker,
            username: "presence-bridge",
            password: "presence-bridge"
        )
        let bridge = try #require(service.bridgeProcess)
        bridge.send(SIGSTOP)
        let stopped = ContinuousClock.now
        for number in 1..<Self.count {
            try await crowd.publish(
                "presence/device/u\(number)/phone",
                "online",
                qos: 0,
                retain: true
            )
        }
        try await crowd.publish("presence/device/u0/phone", "online", retain: true)
        try await Task.sleep(until: stopped + .milliseconds(1_500))
        bridge.send(SIGCONT)
        let begun = ContinuousClock.now
        var answered: Duration?
        let took = try await eventually(
            "all are online",
            within: .seconds(60),
            log: service.bridgeLog
        ) {
            () -> Duration? in
            // What the broker dropped of it is asked again.
            let answer = try? await alice.request(
                "presence/request/alice/test/online",
                #"{"pageSize":0}"#,
                answerOn: "presence/response/alice/test",
                timeout: .seconds(2)
            )
            guard let answer else { return nil }
            if answered == nil { answered = ContinuousClock.now - begun }
            let total = try answer.json["result"]?["total"]?.integer
            return total == Int64(Self.count) ? ContinuousClock.now - begun : nil
        }
        print("12,000 were online after \(took); the first answer came after \(answered ?? took)")
        #expect(took < .seconds(60))
        #expect(try #require(answered) < .seconds(20))
    }
}
