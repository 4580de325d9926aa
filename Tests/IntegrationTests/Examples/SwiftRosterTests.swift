import BrokerFixture
import PresenceClient
import Testing

@Suite("The example in Swift")
struct SwiftRosterTests {
    @Test("The roster shows others come, change and go, says what is typed, and logs out")
    func roster() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let roster = try Example("roster", "alice", "bob", as: "alice", of: service)
        try await roster.shows("bob: offline")
        let bob = try await service.presence("bob", "phone")
        try await roster.shows("bob: online [phone]")
        try await bob.setStatus("busy")
        try await roster.shows("bob: busy [phone]")
        try await service.killBridge()
        try await roster.shows("the bridge is away")
        try await bob.setStatus("away")
        try await service.startBridge()
        try await roster.shows("bob: away [phone]")
        try roster.type("dnd back at 5")
        try await service.status(of: "alice") {
            $0["status"]?.string == "dnd" && $0["description"]?.string == "back at 5"
        }
        await bob.close()
        try await roster.shows("bob: offline")
        try roster.endInput()
        try await roster.ends()
        let gone = try await service.status(of: "alice", is: "offline")
        #expect(gone["cause"]?.string == "logout")
    }

    @Test("Without names it says what it wants to know")
    func usage() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let roster = try Example("roster", as: "alice", of: service)
        #expect(try await roster.process.wait() == .code(2))
        #expect(roster.process.output.contains("roster alice bob carol"))
    }
}
