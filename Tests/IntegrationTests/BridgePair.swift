import BrokerFixture
import DatabaseFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// A service whose bridge has its store in a database, and a second bridge that stands by; alice watches bob, whose phone is
/// online.
final class BridgePair: Sendable {
    let server: DatabaseServer
    /// The broker, and the bridge that serves.
    let service: Service
    /// The bridge that stands by.
    let other: Child
    let alice: TestClient
    let bob: TestClient

    /// Starts all of them.
    ///
    /// - Parameters:
    ///   - server: has the database.
    ///   - uri: by which way the first bridge reaches it; `nil` for the straight one.
    init(
        _ server: DatabaseServer,
        first uri: String? = nil,
        lease: String = "1s"
    ) async throws {
        self.server = server
        service = try await Service.start(["lease": lease, "store": uri ?? server.uri])
        other = try service.launch(["bridge_id": "b2", "store": server.uri])
        try await other.line(with: "bridge 'presence-bridge' owns the store", "stands by")
        alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob")
        bob = try await service.device("bob", "phone")
        _ = try await alice.events(upTo: "bob", word: "online")
    }

    /// Kills all of them: for the end of a test.
    func end() {
        other.kill()
        service.end()
        server.end(.killed)
    }

    /// The bridge that serves.
    var first: Child { get throws { try #require(service.bridgeProcess) } }

    /// Bob changes its status, and alice is told.
    func expectChange(to word: String) async throws {
        try await bob.state(word)
        _ = try await alice.events(upTo: "bob", word: word)
    }

    /// The second one serves: what was acknowledged holds, nobody was told of it, and changes are told.
    func expectTakeOver(after before: JSONValue) async throws {
        try await service.retained("presence/bridge/b2") { $0["state"]?.string == "online" }
        #expect(try await service.status(of: "bob") == before)
        let list = try await service.request(alice, "subscriptions", #"{"pageSize":9}"#)
        #expect(list["result"]?["total"]?.integer == 1)
        let told = try await service.messages(of: alice)
        #expect(told.filter { $0.topic == "presence/event/alice" }.isEmpty)
        try await expectChange(to: "busy")
        let after = try await service.status(of: "bob", is: "busy")
        #expect(try #require(after["seq"]?.integer) > #require(before["seq"]?.integer))
    }

    /// What `presence-bridge cluster` says.
    func cluster() async throws -> JSONValue {
        let child = try Child(
            Service.executable,
            ["cluster", "--json", "--store", server.uri],
            folder: service.broker.folder
        )
        #expect(try await child.wait() == .code(0), "\(child.errors)")
        return try JSONValue(parsing: Array(child.output.utf8))
    }
}
