import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("A user whose connections all break at once")
struct BlinkingTests {
    @Test("Sixty are back at once: nobody is told anything", arguments: [nil, "s"] as [String?])
    func blink(session: String?) async throws {
        // Sixty connections take a busy machine some seconds, which is within the grace; what the rate
        // holds back waits for fourteen, which is beyond it.
        let service = try await Service.start(["offline_grace": "8s", "device_rate": "5"])
        defer { service.end() }
        let watcher = try await service.client("alice")
        try await service.subscribe(watcher, to: "bob", "carol")
        // The rate allows fifty at once.
        var devices = try await connect(service, session.map { "\($0)1" })
        let before = try await service.status(of: "bob") {
            $0["devices"]?.object?.map { $0 }.count == 60
        }
        // The bucket is full again.
        try await Task.sleep(for: .seconds(12))
        _ = watcher.takeMessages()
        let topics = "presence/device/bob/+"
        let monitor = try await service.monitor(topics)
        _ = try await monitor.expect(60, on: topics)
        let dave = try await service.device("dave", "phone")
        try await service.status(of: "dave", is: "online")
        for device in devices { await device.dropConnection() }
        // A will that comes behind the next birth ends a device that names no session.
        _ = try await monitor.expect(60, on: topics)
        await dave.dropConnection()
        devices = try await connect(service, session.map { "\($0)2" })
        // The graces of the wills are over when that of a later one is.
        try await service.status(of: "dave", is: "offline")
        let carol = try await service.device("carol", "phone")
        let events = try await watcher.events(upTo: "carol", word: "online")
        #expect(events.about("bob") == [])
        #expect(try await service.status(of: "bob") == before)
        keep(carol)
        _ = devices.count
    }

    /// Sixty devices of bob, each with its will and its birth.
    private func connect(_ service: Service, _ session: String?) async throws -> [TestClient] {
        let word = { (word: String) in
            session.map { "{\"status\":\"\(word)\",\"session\":\"\($0)\"}" } ?? word
        }
        return try await withThrowingTaskGroup(of: TestClient.self) { group in
            for number in 0..<60 {
                let topic = "presence/device/bob/d\(number)"
                let (birth, will) = (word("online"), word("lost"))
                group.addTask {
                    let client = try await TestClient.connect(
                        to: service.broker,
                        id: "bob/d\(number)/\(UUID().uuidString.prefix(8))",
                        username: "bob",
                        password: "bob",
                        will: Message(topic: topic, payload: will, qos: 1, retain: true)
                    )
                    try await client.publish(topic, birth, retain: true)
                    return client
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
