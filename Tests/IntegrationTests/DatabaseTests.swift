import BrokerFixture
import DatabaseFixture
import Foundation
import Presence
import Testing

/// The bridge with its store in a real PostgreSQL.
@Suite(
    "The store in a database",
    .enabled(if: DatabaseServer.isUsed, "PostgreSQL is not installed")
)
struct DatabaseTests {
    /// A service with a database of its own; alice watches bob, whose phone is online.
    private func service(
        _ server: DatabaseServer
    ) async throws -> (service: Service, alice: TestClient, bob: TestClient) {
        let service = try await Service.start(["store": server.uri])
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob")
        let bob = try await service.device("bob", "phone")
        _ = try await alice.events(upTo: "bob", word: "online")
        return (service, alice, bob)
    }

    @Test("What was acknowledged and what was told survive a kill of the bridge")
    func killed() async throws {
        let server = try DatabaseServer()
        let (service, alice, bob) = try await service(server)
        defer { server.end(.killed) }
        defer { service.end() }
        try await bob.state("away")
        let before = try await service.status(of: "bob", is: "away")
        try await service.killBridge()
        try await service.startBridge()
        #expect(try await service.status(of: "bob") == before)
        let list = try await service.request(alice, "subscriptions", #"{"pageSize":9}"#)
        #expect(list["result"]?["total"]?.integer == 1)
        try await bob.state("busy")
        _ = try await alice.events(upTo: "bob", word: "busy")
    }

    @Test(
        "While the database is away, what would change it is unavailable, and all else goes on",
        arguments: [DatabaseServer.Ending.fast, .killed]
    )
    func away(ending: DatabaseServer.Ending) async throws {
        let server = try DatabaseServer()
        let (service, alice, bob) = try await service(server)
        defer { service.end() }
        server.end(ending)
        try await service.expectUnavailable(alice, bob)
        #expect(service.bridgeLog.contains("the database is away"))
        try server.start()
        try await service.expectRecovery(alice)
        try await service.status(of: "bob", is: "away")
    }

    @Test("A database that stands still is not waited for, and goes on where it was")
    func frozen() async throws {
        let server = try DatabaseServer()
        let (service, alice, bob) = try await service(server)
        defer { service.end() }
        try server.send(SIGSTOP)
        try await service.expectUnavailable(alice, bob)
        try server.send(SIGCONT)
        try await service.expectRecovery(alice)
    }

    @Test("Behind each restart of the database what is asked is stored")
    func restarted() async throws {
        let server = try DatabaseServer()
        let (service, alice, _) = try await service(server)
        defer { service.end() }
        for ending in [DatabaseServer.Ending.fast, .immediate, .killed] {
            server.end(ending)
            try server.start()
            // What the bridge itself wanted to store meanwhile was refused, and is tried each second.
            try await eventually("alice subscribes", log: service.bridgeLog) {
                let answer = try await service.request(
                    alice,
                    "subscribe",
                    #"{"usernames":["user-\#(ending.rawValue)"]}"#
                )
                return answer["result"] == nil ? nil : true
            }
        }
        try await service.killBridge()
        try await service.startBridge()
        let list = try await service.request(alice, "subscriptions", #"{"pageSize":9}"#)
        #expect(list["result"]?["total"]?.integer == 4)
    }

    @Test("A bridge whose database does not let it in ends, and says why")
    func refused() async throws {
        let server = try DatabaseServer()
        let service = try await Service.start(["store": server.uri])
        defer { service.end() }
        let password = "hunter2"
        for (store, words) in [
            (
                "postgresql://nobody:\(password)@/presence?host=\(server.path)",
                "role \"nobody\" does not exist"
            ),
            (
                "postgresql://presence:\(password)@/none?host=\(server.path)",
                "database \"none\" does not exist"
            ),
            (
                "postgresql:///presence?host=\(service.broker.folder.path)",
                "No such file or directory"
            ),
        ] {
            let other = try service.launch(["store": store, "bridge_id": "second"])
            #expect(try await other.wait() == .code(1))
            #expect(other.errors.contains(words), "\(other.errors)")
            #expect(!other.errors.contains(password))
        }
    }

    @Test("The doctor looks at the database, beside a bridge and before its first start")
    func doctor() async throws {
        let server = try DatabaseServer()
        let service = try await Service.examined(startsBridge: false)
        defer { service.end() }
        let store = ["store": server.uri]
        var report = try await service.doctor(store)
        #expect(
            report.words("database").contains("lets the bridge in: PostgreSQL"),
            "\(report.output)"
        )
        #expect(report.words("database-tables") == "its tables will be made")
        // Tests do not wait for disks.
        #expect(report.wrong == ["database-safety"])
        try await service.startBridge(store)
        report = try await service.doctor(store)
        #expect(report.words("database-tables") == "its tables are there")
        #expect(report.words("database-lock").hasPrefix("a bridge has the store open"))
        #expect(report.words("database-version").hasPrefix("version 1"))
        server.end(.fast)
        report = try await service.doctor(store)
        #expect(report.wrong.contains("database"))
        #expect(report.words("database").contains("cannot be opened"))
    }
}
