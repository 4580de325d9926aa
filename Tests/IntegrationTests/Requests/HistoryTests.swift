import BrokerFixture
import Foundation
import Presence
import PresenceClient
import Testing

@Suite("What has changed of oneself", .service(["history_keep": "1d"]))
struct HistoryTests {
    /// Lets a user come, be busy and go.
    private func play(_ user: String, _ service: Service) async throws {
        let device = try await service.device(user, "phone")
        try await device.state("busy")
        try await device.state("offline")
        try await service.status(of: user, is: "offline")
    }

    @Test("The client reads all of it, or the newest, or that of a time")
    func client() async throws {
        let service = try Service.current
        try await play("bob", service)
        let client = try await service.presence("bob") { $0.announces = false }
        let all = try await client.history()
        #expect(all.map(\.kind).last == .online)
        #expect(all.map(\.kind).first == .offline)
        #expect(all.first?.status == (try await client.status(of: "bob")))
        #expect(all.map(\.id) == all.map(\.id).sorted(by: >))
        #expect(try await client.history(limit: 1) == Array(all.prefix(1)))
        #expect(try await client.history(before: all.last?.time) == [])
        let since = try #require(all.first?.time)
        #expect(try await client.history(after: since).allSatisfy { $0.time >= since })
    }

    @Test("The command shows a table, or the protocol's objects")
    func command() async throws {
        let service = try Service.current
        try await play("carol", service)
        let table = try await service.run("carol", "history")
        #expect(table.exit == .code(0))
        #expect(table.lines.first?.hasPrefix("TIME ") == true)
        #expect(table.lines.dropFirst().first?.contains("○ offline (logout)") == true)
        // Birth and word may have come in one turn.
        #expect(table.lines.last?.contains(" online  ") == true)
        #expect(table.lines.last?.contains("● ") == true)
        let json = try await service.run("carol", "history", "--limit", "1", "--json")
        let changes = try JSONValue.text(json.output.trimmingCharacters(in: .newlines))
        #expect(changes.array?.count == 1)
        #expect(changes[0]?["type"]?.string == "offline")
        #expect(changes[0]?["status"]?["username"]?.string == "carol")
        let none = try await service.run("dave", "history", "--last", "1h")
        #expect(none.errors == "presence: nothing has changed\n")
        let wrong = try await service.run("dave", "history", "--limit", "0")
        #expect(wrong.exit == .code(2))
        #expect(wrong.errors.contains("--limit is 1 to 10000, not 0"))
    }
}
