import BrokerFixture
import Foundation
import Mosquitto
import Presence

extension Service {
    /// Connects a device that is told nothing first: as ``device(_:_:birth:will:version:id:)``, but
    /// the bridge may be away, and its state unknown to the broker.
    ///
    /// - Parameter birth: What it states; `nil` for a device that keeps silent for now.
    func returning(
        _ user: String,
        _ device: String = "phone",
        birth: String? = "online"
    ) async throws -> TestClient {
        let topic = "presence/device/\(user)/\(device)"
        let client = try await TestClient.connect(
            to: broker,
            id: "\(user)/\(device)/\(UUID().uuidString.prefix(8))",
            username: user,
            password: user,
            will: Message(topic: topic, payload: "lost", qos: 1, retain: true)
        )
        try await client.subscribe(
            "presence/response/\(user)/\(device)/#",
            "presence/event/\(user)",
            "presence/bridge/+"
        )
        if let birth { try await client.publish(topic, birth, retain: true) }
        return client
    }

    /// Waits until the broker has run for so many seconds, by its own account.
    func brokerHasRun(_ seconds: Int) async throws {
        let monitor = try await monitor("$SYS/broker/uptime")
        _ = try await monitor.expect("$SYS/broker/uptime", timeout: .seconds(seconds + 10)) {
            $0.text.split(separator: " ").first.flatMap { Int($0) } ?? 0 >= seconds
        }
    }

    /// What is retained on a topic, as text; `nil` if there is nothing.
    func text(on topic: String) async throws -> String? {
        let monitor = try await TestClient.connect(
            to: broker,
            username: "monitor",
            password: "monitor"
        )
        let isThere = SubscriptionOptions(qos: 1)
        try await monitor.subscribe(topic, options: isThere)
        // Retained messages of the first filter come before those of the second.
        try await monitor.subscribe("$SYS/broker/version", options: isThere)
        _ = try await monitor.expect("$SYS/broker/version")
        return monitor.takeMessages().first { $0.topic == topic }?.text
    }
}

extension TestClient {
    /// Awaits an event about a user and returns all that came up to it, whoever it is about, each
    /// as a status or a notice.
    func events(upTo user: String, word: String) async throws -> [JSONValue] {
        var all: [JSONValue] = []
        while true {
            all += try await events()
            let isThere = all.contains {
                $0["username"]?.string == user && $0["status"]?.string == word
            }
            if isThere { return all }
        }
    }
}

/// Marks that clients are needed up to here: one that is let go drops its connection.
func keep(_ clients: TestClient...) {}

extension [JSONValue] {
    /// Those about one user.
    func about(_ user: String) -> [JSONValue] {
        filter { $0["username"]?.string == user }
    }
}
