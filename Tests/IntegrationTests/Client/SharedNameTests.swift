import BrokerFixture
import Foundation
import PresenceClient
import Testing

@Suite("Two clients with one device's name", .service(users: ["erin", "frank"]))
struct SharedNameTests {
    private let busy = StatusWord(checked: "busy")
    private let away = StatusWord(checked: "away")

    @Test("Each learns that the other's word stands there, and the one that is left states its own")
    func two() async throws {
        let service = try Service.current
        let first = try await service.presence("alice", "desk") { [busy] in $0.status = busy }
        let news = first.updates()
        try await service.status(of: "alice", is: "busy")
        let second = try await service.presence("alice", "desk") { [away] in $0.status = away }
        try await news.first("the other's word") { [away] in $0 == .deviceReplaced(away) }
        try await service.status(of: "alice", is: "away")
        let back = first.updates()
        await second.close()
        try await back.first("the other's logout") { $0 == .deviceReplaced(nil) }
        try await service.status(of: "alice", is: "busy")
        await first.close()
    }

    @Test("A client alone is told nothing of the kind, whatever it says and loses")
    func alone() async throws {
        let service = try Service.current
        let client = try await service.presence("bob", "desk")
        let updates = client.updates()
        for word in ["busy", "invisible", "away", "offline", "online"] {
            try await client.setStatus(word)
            try await service.settle()
        }
        try await service.status(of: "bob", is: "online")
        await client.close()
        for await update in updates {
            if case .deviceReplaced = update { Issue.record("\(update)") }
        }
    }

    @Test("On the command line the first says so, and is still there when the second has ended")
    func command() async throws {
        let service = try Service.current
        let first = try service.start("carol", "set", "busy", "--id", "x")
        try await first.line(with: "carol is busy with the device x")
        try await service.status(of: "carol", is: "busy")
        let second = try service.start("carol", "set", "coffee", "--id", "x")
        try await second.line(with: "carol is coffee with the device x")
        try await first.line(with: "the device x is coffee now", "--id")
        #expect(try await second.terminate() == .code(0))
        try await first.line(with: "logged out the device x", "it is stated again")
        try await service.status(of: "carol", is: "busy")
        #expect(try await first.terminate() == .code(0))
        let gone = try await service.status(of: "carol", is: "offline")
        #expect(gone["cause"]?.string == "logout")
    }

    @Test("It keeps its promise for as long as it lives, and nobody is told of that")
    func kept() async throws {
        let service = try Service.current
        let watcher = try await service.client("dave", "watcher")
        try await service.subscribe(watcher, to: "frank")
        let monitor = try await service.monitor("presence/device/frank/kept")
        let client = try await service.presence("frank", "kept") { $0.ttl = .seconds(5) }
        _ = try await watcher.events()
        // Longer than the promise holds: the birth, and one each third of it.
        for _ in 0..<5 {
            let statement = try await monitor.expect("presence/device/frank/kept").json
            #expect(statement["ttl"]?.integer == 5 && statement["status"]?.string == "online")
        }
        #expect(try await client.status(of: "frank").devices.map(\.name.text) == ["kept"])
        #expect(!watcher.takeMessages().contains { $0.topic == "presence/event/dave" })
        await client.close()
    }

    @Test("A client states a ttl of its own accord, and with none when that is not wanted")
    func promise() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/device/erin/+")
        let usual = try await service.presence("erin", "usual")
        let birth = try await monitor.expect("presence/device/erin/usual").json
        #expect(birth["ttl"]?.integer == 300)
        let none = try await service.presence("erin", "none") { $0.ttl = nil }
        #expect(try await monitor.expect("presence/device/erin/none").json["ttl"] == nil)
        await usual.close()
        await none.close()
    }
}
