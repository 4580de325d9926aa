import BrokerFixture
import Foundation
import Mosquitto
import Testing

@Suite("The bridge's client id")
struct ClientIDTests {
    @Test("A login that takes the bridge's id as its client id, again and again, changes nothing")
    func bridgeIDIsNoClientID() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let bridge = try #require(service.bridgeProcess)
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob")
        for _ in 1...20 {
            let thief = try await TestClient.connect(
                to: service.broker,
                id: Service.bridgeID,
                username: "carol",
                password: "carol"
            )
            // What it publishes below the bridge's own topic is nobody's word.
            for level in ["", "/metrics/started", "/duty", "/plugin"] {
                let topic = "presence/bridge/\(Service.bridgeID)\(level)"
                try await thief.publish(topic, #"{"state":"offline"}"#, qos: 0, retain: true)
            }
            await thief.dropConnection()
        }
        let bob = try await service.device("bob", "phone")
        _ = try await alice.events(upTo: "bob", word: "online")
        #expect(bridge.exit == nil)
        #expect(bridge.count("connected to the broker") == 1, "\(bridge.errors)")
        keep(bob)
    }
}
