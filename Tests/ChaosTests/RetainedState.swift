import BrokerFixture
import Foundation
import Mosquitto
import Presence

/// What the broker has retained, as somebody who comes new reads it.
struct RetainedState: Sendable {
    /// The status of each user.
    var statuses: [String: JSONValue] = [:]
    /// What stands on the topic of each device, by user and device.
    var devices: [String: [String: String]] = [:]
    /// The states of the bridges.
    var bridges: [String: JSONValue] = [:]

    /// The bridges that say that they serve.
    var serving: [String] {
        bridges.filter { $0.value.object?["state"]?.string == "online" }.keys.sorted()
    }

    /// Reads it: connects, subscribes with QoS 0, which is never cut, and waits for a topic of the
    /// broker's own that comes after all others.
    static func read(from broker: Broker) async throws -> RetainedState {
        let monitor = try await TestClient.connect(
            to: broker,
            username: "monitor",
            password: "monitor"
        )
        let options = SubscriptionOptions(qos: 0)
        try await monitor.subscribe("presence/status/+", options: options)
        try await monitor.subscribe("presence/device/+/+", options: options)
        try await monitor.subscribe("presence/bridge/+", options: options)
        try await monitor.subscribe("$SYS/broker/version", options: options)
        _ = try await monitor.expect("$SYS/broker/version")
        var found = RetainedState()
        for message in monitor.takeMessages() { found.take(message) }
        try await monitor.disconnect()
        return found
    }

    private mutating func take(_ message: Message) {
        let levels = message.topic.split(separator: "/").map(String.init)
        let value = try? JSONValue(parsing: message.payload)
        switch (levels.count > 1 ? levels[1] : "", levels.count) {
        case ("status", 3): statuses[levels[2]] = message.payload.isEmpty ? nil : value ?? .null
        // What begins with $ is nobody's name: the bridge's own markers, which are not retained.
        case ("device", 4) where !levels[2].hasPrefix("$"):
            devices[levels[2], default: [:]][levels[3]] =
                message.payload.isEmpty ? nil : message.text
        case ("bridge", 3): bridges[levels[2]] = message.payload.isEmpty ? nil : value ?? .null
        default: break
        }
    }
}
