import BrokerFixture
import Foundation
import Presence
import Testing

@Suite(
    "The sensor in Python that is shipped",
    .enabled(if: Python.hasPaho, "Debian's package python3-paho-mqtt is not installed")
)
struct SensorTests {
    @Test(
        "It is online for longer than its ttl, is lost when it hangs, and is back when it goes on"
    )
    func hangs() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let topic = "presence/device/carol/example"
        let monitor = try await service.monitor(topic)
        let sensor = try Example("python/sensor.py", "--ttl", "5", as: "carol", of: service)
        let first = try await service.status(of: "carol") {
            $0["description"]?.string?.hasSuffix("°C") ?? false
        }
        // Five at intervals of a third of the ttl, and one more at the beginning.
        for statement in try await monitor.expect(6, on: topic) {
            #expect(try statement.json["ttl"] == .integer(5))
        }
        let later = try await service.status(of: "carol")
        #expect(later["online"] == .bool(true))
        #expect(later["since"] == first["since"])

        sensor.process.send(SIGSTOP)
        try await service.status(of: "carol") { $0["cause"] == .string("ttl") }
        sensor.process.send(SIGCONT)
        try await service.status(of: "carol", is: "online")
        try await sensor.ends(by: SIGTERM)
        try await service.status(of: "carol") { $0["cause"] == .string("logout") }
    }

    @Test("It is lost when it is killed, and its word is an alarm when it measures too much")
    func killed() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let sensor = try Example("python/sensor.py", "--alarm", "0", as: "carol", of: service)
        try await service.status(of: "carol", is: "alarm")
        sensor.process.kill()
        try await service.status(of: "carol") { $0["cause"] == .string("lost") }
    }

    @Test("It measures on without a bridge, and publishes when there is one again")
    func bridgeRestart() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let sensor = try Example("python/sensor.py", "--ttl", "6", as: "carol", of: service)
        try await sensor.shows("online", "°C")
        try await service.killBridge()
        try await sensor.shows("the bridge is away")
        let topic = "presence/device/carol/example"
        _ = try await service.monitor(topic).expect(2, on: topic)
        try await service.startBridge()
        try await sensor.shows("the bridge is there")
        try await sensor.shows("online", "°C")
    }
}
