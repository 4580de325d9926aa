import BrokerFixture
import DatabaseFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// Two bridges that share a database: one serves, and the other one takes its place.
@Suite(
    "Two bridges on one database",
    .enabled(if: DatabaseServer.isUsed, "PostgreSQL is not installed")
)
struct FailOverTests {
    /// How the first one ends, or seems to.
    enum End: CaseIterable, Sendable {
        case killed, asked
    }

    private static let second = "presence/bridge/b2"

    /// A service whose bridge serves, and a second one that stands by; alice watches bob, whose phone is online.
    private func pair(
        _ server: DatabaseServer,
        first uri: String? = nil,
        lease: String = "1s"
    ) async throws -> (service: Service, other: Child, alice: TestClient, bob: TestClient) {
        let service = try await Service.start(["lease": lease, "store": uri ?? server.uri])
        let other = try service.launch(["bridge_id": "b2", "store": server.uri])
        try await other.line(with: "bridge 'presence-bridge' owns the store", "stands by")
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob")
        let bob = try await service.device("bob", "phone")
        _ = try await alice.events(upTo: "bob", word: "online")
        return (service, other, alice, bob)
    }

    /// The second one serves: what was acknowledged holds, nobody was told of it, and changes are told.
    private func expectTakeOver(
        _ service: Service,
        _ alice: TestClient,
        _ bob: TestClient,
        after before: JSONValue
    ) async throws {
        try await service.retained(Self.second) { $0["state"]?.string == "online" }
        #expect(try await service.status(of: "bob") == before)
        let list = try await service.request(alice, "subscriptions", #"{"pageSize":9}"#)
        #expect(list["result"]?["total"]?.integer == 1)
        #expect(
            try await service.messages(of: alice).filter { $0.topic == "presence/event/alice" }
                .isEmpty
        )
        try await bob.state("busy")
        _ = try await alice.events(upTo: "bob", word: "busy")
        let after = try await service.status(of: "bob", is: "busy")
        #expect(try #require(after["seq"]?.integer) > #require(before["seq"]?.integer))
    }

    private func cluster(_ service: Service, _ server: DatabaseServer) async throws -> JSONValue {
        let child = try Child(
            Service.executable,
            ["cluster", "--json", "--store", server.uri],
            folder: service.broker.folder
        )
        #expect(try await child.wait() == .code(0), "\(child.errors)")
        return try JSONValue(parsing: Array(child.output.utf8))
    }

    @Test("The second one stands by, and serves when the first one ends", arguments: End.allCases)
    func ends(end: End) async throws {
        let server = try DatabaseServer()
        defer { server.end(.killed) }
        let (service, other, alice, bob) = try await pair(server)
        defer {
            other.kill()
            service.end()
        }
        let before = try await service.status(of: "bob", is: "online")
        let told = try await cluster(service, server)
        #expect(told["bridges"]?.array?.map { $0["id"]?.string } == ["b2", "presence-bridge"])
        #expect(told["bridges"]?[0]?["state"]?.string == "stands by")
        #expect(told["bridges"]?[1]?["state"]?.string == "serves")
        #expect(told["shards"]?[0]?["owner"]?.string == "presence-bridge")
        switch end {
        case .killed: try await service.killBridge()
        case .asked: try await service.stopBridge()
        }
        try await expectTakeOver(service, alice, bob, after: before)
        let later = try await cluster(service, server)
        #expect(later["shards"]?[0]?["owner"]?.string == "b2")
        #expect(later["shards"]?[0]?["term"]?.integer == 2)
        // The first one comes back, and stands by in its turn.
        try await service.startBridge(waits: false)
        try await service.bridgeProcess?.line(with: "bridge 'b2' owns the store", "stands by")
        _ = try await other.terminate()
        try await service.bridgeState { $0["state"]?.string == "online" }
        try await bob.state("away")
        _ = try await alice.events(upTo: "bob", word: "away")
    }

    @Test("One that stands still is judged, and ends when it goes on")
    func frozen() async throws {
        let server = try DatabaseServer()
        defer { server.end(.killed) }
        let (service, other, alice, bob) = try await pair(server)
        defer {
            other.kill()
            service.end()
        }
        let first = try #require(service.bridgeProcess)
        let before = try await service.status(of: "bob", is: "online")
        first.send(SIGSTOP)
        try await other.line(with: "has given no sign of life")
        try await expectTakeOver(service, alice, bob, after: before)
        let monitor = try await service.monitor("presence/status/+")
        _ = try await monitor.expect("presence/status/bob")
        first.send(SIGCONT)
        #expect(try await first.wait() == .code(1))
        #expect(first.errors.contains("is in use by another bridge"), "\(first.errors)")
        // What had come to it meanwhile it has told nobody.
        try await service.settle(monitor)
        #expect(monitor.takeMessages().filter { $0.topic == "presence/status/bob" }.isEmpty)
        #expect(other.exit == nil)
    }

    @Test("One that is cut off from the database gives way, and ends when it finds that out")
    func cutOff() async throws {
        let server = try DatabaseServer()
        defer { server.end(.killed) }
        let relay = try DatabaseRelay(to: server)
        let (service, other, alice, bob) = try await pair(server, first: relay.uri)
        defer {
            other.kill()
            service.end()
        }
        let first = try #require(service.bridgeProcess)
        relay.lose(.request, thenShut: true)
        let refused = try await service.request(alice, "subscribe", #"{"usernames":["carol"]}"#)
        #expect(refused.errorCode == "unavailable")
        try await first.line(with: "another bridge serves the prefix", "gives way")
        let before = try await service.status(of: "bob", is: "online")
        try await expectTakeOver(service, alice, bob, after: before)
        relay.open()
        #expect(try await first.wait() == .code(1))
        #expect(other.exit == nil)
        try await bob.state("away")
        _ = try await alice.events(upTo: "bob", word: "away")
    }

    @Test("One that stands by ends when it is told to, and waits for a database that was lost")
    func standsBy() async throws {
        let server = try DatabaseServer()
        defer { server.end(.killed) }
        let (service, other, _, _) = try await pair(server, lease: "10s")
        defer {
            other.kill()
            service.end()
        }
        server.end(.fast)
        try await other.line(with: "error", "cannot be opened")
        #expect(other.exit == nil)
        try server.start()
        try await eventually("the first one serves again", log: service.bridgeLog) {
            let told = try await cluster(service, server)
            let isThere = told["bridges"]?.array?.contains { $0["state"]?.string == "stands by" }
            return isThere == true && told["shards"]?[0]?["term"]?.integer ?? 0 > 1 ? true : nil
        }
        #expect(try await other.terminate() == .code(0))
        #expect(try await cluster(service, server)["bridges"]?.array?.count == 1)
    }

    @Test("A cluster of a file, or of a database without one, is none, and that is said")
    func none() async throws {
        let server = try DatabaseServer()
        defer { server.end(.killed) }
        let folder = try TemporaryFolder()
        let file = try Child(Service.executable, ["cluster", "--store", "a.db"], folder: folder)
        #expect(try await file.wait() == .code(2))
        #expect(file.errors.contains("the store is a file"))
        let empty = try Child(
            Service.executable,
            ["cluster", "--store", server.uri],
            folder: folder
        )
        #expect(try await empty.wait() == .code(1))
        #expect(empty.errors.contains("no bridge has made its tables yet"))
    }
}
