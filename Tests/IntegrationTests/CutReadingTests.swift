import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("Readings that the broker cuts short")
struct CutReadingTests {
    private static let count = 12_000
    /// Before this a busy machine may still be at it.
    private static let patience: Duration = .seconds(60)

    @Test(
        "A crowd that came while the bridge stood still is there at once, with the broker's default queue",
        arguments: [false, true]
    )
    func crowd(overUnixSocket: Bool) async throws {
        let service = try await Service.start(
            ["broker_restart_grace": "60s"],
            startsBridge: false
        ) {
            // Over a Unix socket the kernel holds some 280 packets of the broker's, over TCP many more.
            $0.unixSocket = overUnixSocket
            $0.extra = "max_queued_messages 1000"
        }
        defer { service.end() }
        try await service.startBridge(overUnixSocket ? ["host": service.broker.socketPath] : [:])
        let alice = try await service.client("alice")
        let bridge = try #require(service.bridgeProcess)
        bridge.send(SIGSTOP)
        let stopped = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in 0..<8 {
                group.addTask { try await Self.come(part, of: 8, to: service.broker) }
            }
            try await group.waitForAll()
        }
        try await Task.sleep(until: stopped + .milliseconds(1_500))
        bridge.send(SIGCONT)
        let begun = ContinuousClock.now
        var answered: Duration?
        let took = try await eventually(
            "all are online",
            within: Self.patience,
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
        let way = overUnixSocket ? "a Unix socket" : "TCP"
        let first = answered ?? took
        print("12,000 were online after \(took) over \(way); the first answer came after \(first)")
        #expect(took < Self.patience)
        #expect(try #require(answered) < .seconds(20))
        let isListed = service.bridgeLog.contains("listing the device topics")
        if overUnixSocket { #expect(isListed) }
    }

    /// A part of the crowd comes: in the place of many logins, somebody who may state for everyone.
    private static func come(_ part: Int, of parts: Int, to broker: Broker) async throws {
        let crowd = try await TestClient.connect(
            to: broker,
            username: "presence-bridge",
            password: "presence-bridge"
        )
        for number in stride(from: part, to: count, by: parts) {
            let topic = "presence/device/u\(number)/phone"
            try await crowd.publish(topic, "online", qos: 1, retain: true)
        }
    }
}
