import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("The orderly end of the bridge")
struct FarewellTests {
    private static let users = (0..<150).map { "u\($0)" }

    @Test(
        "It says that it is offline however much waits, and sends first what there is time for",
        arguments: [ProtocolVersion.v5, .v311],
        [true, false]
    )
    func underLoad(_ version: ProtocolVersion, isInTime: Bool) async throws {
        let service = try await Service.start(["offline_grace": "1s"], startsBridge: false)
        defer { service.end() }
        let relay = try version == .v311 ? Relay(to: service.broker.port) : nil
        try await service.startBridge(relay.map { ["port": "\($0.port)"] } ?? [:])
        let bridge = try #require(service.bridgeProcess)
        let monitor = try await service.monitor("presence/status/+", "presence/bridge/+")
        let writer = try await TestClient.connect(
            to: service.broker,
            username: Service.bridgeID,
            password: Service.bridgeID
        )
        for user in Self.users {
            try await writer.publish("presence/device/\(user)/phone", "online", retain: true)
        }
        _ = try await monitor.expect(Self.users.count, on: "presence/status/+")
        for user in Self.users {
            try await writer.publish("presence/device/\(user)/phone", "lost", retain: true)
        }
        _ = monitor.takeMessages()

        // The graces end, and the broker takes nothing.
        service.broker.pause()
        try await Task.sleep(for: .seconds(2))
        bridge.send(SIGTERM)
        try await bridge.line(with: "ending")
        if isInTime { service.broker.resume() }
        #expect(try await bridge.wait() == .code(0))
        service.broker.resume()
        _ = try await monitor.expect("presence/bridge/+") { $0.text.contains("offline") }
        let state = try await service.text(on: "presence/bridge/presence-bridge")
        #expect(state == #"{"state":"offline"}"#)
        // No one calls again on the way out.
        #expect(bridge.count("connected to the broker") == 1)
        guard isInTime else { return }
        for user in Self.users {
            let status = try #require(try await service.text(on: "presence/status/\(user)"))
            #expect(status.contains(#""online":false"#))
        }
    }
}
