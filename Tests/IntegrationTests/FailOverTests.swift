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

    @Test("The second one stands by, and serves when the first one ends", arguments: End.allCases)
    func ends(end: End) async throws {
        let pair = try await BridgePair(DatabaseServer())
        defer { pair.end() }
        let service = pair.service
        let before = try await service.status(of: "bob", is: "online")
        let told = try await pair.cluster()
        #expect(told["bridges"]?.array?.map { $0["id"]?.string } == ["b2", "presence-bridge"])
        #expect(told["bridges"]?[0]?["state"]?.string == "stands by")
        #expect(told["bridges"]?[1]?["state"]?.string == "serves")
        #expect(told["shards"]?[0]?["owner"]?.string == "presence-bridge")
        switch end {
        case .killed: try await service.killBridge()
        case .asked: try await service.stopBridge()
        }
        try await pair.expectTakeOver(after: before)
        let later = try await pair.cluster()
        #expect(later["shards"]?[0]?["owner"]?.string == "b2")
        #expect(later["shards"]?[0]?["term"]?.integer == 2)
        // The first one comes back, and stands by in its turn.
        try await service.startBridge(waits: false)
        try await pair.first.line(with: "bridge 'b2' owns the store", "stands by")
        _ = try await pair.other.terminate()
        try await service.bridgeState { $0["state"]?.string == "online" }
        try await pair.expectChange(to: "away")
    }

    @Test("One that stands still is judged, and ends when it goes on")
    func frozen() async throws {
        let pair = try await BridgePair(DatabaseServer())
        defer { pair.end() }
        let first = try pair.first
        let before = try await pair.service.status(of: "bob", is: "online")
        first.send(SIGSTOP)
        try await pair.other.line(with: "has given no sign of life")
        try await pair.expectTakeOver(after: before)
        let monitor = try await pair.service.monitor("presence/status/+")
        _ = try await monitor.expect("presence/status/bob")
        first.send(SIGCONT)
        #expect(try await first.wait() == .code(1))
        #expect(first.errors.contains("is in use by another bridge"), "\(first.errors)")
        // What had come to it meanwhile it has told nobody.
        try await pair.service.settle(monitor)
        #expect(monitor.takeMessages().filter { $0.topic == "presence/status/bob" }.isEmpty)
        #expect(pair.other.exit == nil)
    }

    @Test("One that is cut off from the database gives way, and ends when it finds that out")
    func cutOff() async throws {
        let server = try DatabaseServer()
        let relay = try DatabaseRelay(to: server)
        let pair = try await BridgePair(server, first: relay.uri)
        defer { pair.end() }
        let first = try pair.first
        relay.lose(.request, thenShut: true)
        let refused = try await pair.service.request(
            pair.alice,
            "subscribe",
            #"{"usernames":["carol"]}"#
        )
        #expect(refused.errorCode == "unavailable")
        try await first.line(with: "another bridge serves the prefix", "gives way")
        let before = try await pair.service.status(of: "bob", is: "online")
        try await pair.expectTakeOver(after: before)
        relay.open()
        #expect(try await first.wait() == .code(1))
        #expect(pair.other.exit == nil)
        try await pair.expectChange(to: "away")
    }

    @Test("One that stands by ends when it is told to, and waits for a database that was lost")
    func standsBy() async throws {
        let server = try DatabaseServer()
        let pair = try await BridgePair(server, lease: "10s")
        defer { pair.end() }
        server.end(.fast)
        try await pair.other.line(with: "error", "cannot be opened")
        #expect(pair.other.exit == nil)
        try server.start()
        try await eventually("the first one serves again", log: pair.service.bridgeLog) {
            let told = try await pair.cluster()
            let isThere = told["bridges"]?.array?.contains { $0["state"]?.string == "stands by" }
            return isThere == true && told["shards"]?[0]?["term"]?.integer ?? 0 > 1 ? true : nil
        }
        #expect(try await pair.other.terminate() == .code(0))
        #expect(try await pair.cluster()["bridges"]?.array?.count == 1)
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
