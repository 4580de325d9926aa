import BrokerFixture
import Foundation
import Testing

@Suite("The plugin's options at a broker")
struct PluginOptionTests {
    @Test(
        "A wrong option stops the broker with a line that says what is right",
        arguments: [
            (["acl": "yes"], "plugin_opt_acl is \"yes\": it is true or false"),
            (["alc": "true"], "plugin_opt_alc is \"true\": there is no such option"),
            (["auto_presence": "true"], "plugin_opt_bridge_users is missing"),
            (["monitor_users": "a/b"], "plugin_opt_monitor_users is \"a/b\""),
        ]
    )
    func wrong(_ options: [String: String], _ line: String) async throws {
        let failure = await #expect(throws: FixtureError.self) {
            try await Broker.start(BrokerOptions { $0.load(options) })
        }
        #expect("\(failure, default: "")".contains("presence plugin: \(line)"))
    }

    @Test("Without options it loads, does nothing, and goes")
    func idle() async throws {
        let broker = try await Broker.start(BrokerOptions { $0.load([:]) })
        let client = try await TestClient.connect(to: broker)
        try await client.subscribe("x")
        try await client.publish("x", "y")
        _ = try await client.expect("x")
        let child = broker.child
        try await broker.stop()
        #expect(child?.exit == .code(0))
    }

    @Test("With everything on it is unloaded cleanly with clients connected, and starts again")
    func unload() async throws {
        let service = try await Service.automatic()
        defer { service.end() }
        let bob = try service.plainClient("bob", id: "x")
        try await service.status(of: "bob", is: "online")
        for _ in 0..<2 {
            let child = service.broker.child
            try await service.broker.restart()
            #expect(child?.exit == .code(0))
        }
        try await service.status(of: "bob", is: "online")
        bob.kill()
    }
}
