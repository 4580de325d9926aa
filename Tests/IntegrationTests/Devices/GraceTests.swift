import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// Graces long enough for a device to be back in time on a busy machine.
@Suite(
    "A device that is back within its grace",
    .service(
        ["offline_grace": "3s", "logout_grace": "3s"],
        users: ["lost", "reload", "other", "twice", "invisible"]
    )
)
struct GraceTests {
    /// Has a watched user's device go and come back, and returns what others saw of it.
    private func flap(
        _ user: String,
        _ leave: @Sendable (TestClient) async throws -> Void,
        birth: String
    ) async throws -> (events: [JSONValue], statuses: [JSONValue]) {
        let service = try Service.current
        let watcher = try await service.client("alice", "watch-\(user)")
        let first = try await service.device(user, "phone")
        try await service.status(of: user, is: "online")
        try await service.subscribe(watcher, to: user)
        let monitor = try await service.monitor("presence/status/+", "presence/device/\(user)/+")
        _ = try await monitor.status(of: user)
        let topic = "presence/device/\(user)/phone"
        _ = try await monitor.expect(topic)
        try await leave(first)
        // The broker has passed on the word; the bridge has it as well, or gets it before the
        // next one.
        _ = try await monitor.expect(topic) { !$0.text.contains("online") }
        let second = try await service.device(user, "phone", birth: birth)
        // The longest grace is over when a device that was lost later is gone.
        try await service.settle(monitor)
        let statuses = try monitor.takeStatuses(of: user)
        let events = try await service.messages(of: watcher).flatMap { message in
            message.topic == "presence/event/alice" ? try message.json.array ?? [] : []
        }
        withExtendedLifetime(second) {}
        return (events.filter { $0["username"]?.string == user }, statuses)
    }

    @Test("After a loss it was never away, and nobody is told that it was")
    func loss() async throws {
        let seen = try await flap("lost", { await $0.dropConnection() }, birth: "online")
        #expect(seen.events.isEmpty)
        #expect(seen.statuses.isEmpty)
    }

    @Test("After a logout, such as the reload of a page, it was never away")
    func reload() async throws {
        let seen = try await flap("reload", { try await $0.state("offline") }, birth: "online")
        #expect(seen.events.isEmpty)
        #expect(seen.statuses.isEmpty)
    }

    @Test("After a moment of being invisible it was never away")
    func invisible() async throws {
        let seen = try await flap("invisible", { try await $0.state("invisible") }, birth: "online")
        #expect(seen.events.isEmpty)
        #expect(seen.statuses.isEmpty)
    }

    @Test("Back with another word, that is told as usual, and nothing else")
    func otherWord() async throws {
        let seen = try await flap("other", { await $0.dropConnection() }, birth: "away")
        #expect(seen.events.map { $0["status"]?.string } == ["away"])
        #expect(seen.statuses == seen.events)
    }

    @Test("A second word of going while a grace runs neither lengthens it nor changes the cause")
    func secondWord() async throws {
        let service = try Service.current
        let device = try await service.device("twice", "phone")
        let monitor = try await service.monitor("presence/status/+", "presence/device/twice/+")
        _ = try await monitor.status(of: "twice")
        let left = Int64(Date().timeIntervalSince1970)
        try await device.state("offline")
        // 5 times 700 ms are longer than the grace, which is 3 s: it is over before the last word.
        for _ in 1...5 {
            try await Task.sleep(for: .milliseconds(700))
            try await device.state("lost")
        }
        let status = try await monitor.status(of: "twice")
        #expect(status["cause"]?.string == "logout")
        // It was last seen when it left, not when the grace was over.
        let since = try #require(status["since"]?.integer)
        #expect(since >= left)
        // From the last word a grace would end 6 s after it left, or later.
        #expect((2...5).contains(try #require(status["updated"]?.integer) - since))
    }
}

@Suite("Without graces", .service(["offline_grace": "0", "logout_grace": "0"]))
struct NoGraceTests {
    @Test("A loss and a logout count at once")
    func atOnce() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/status/+")
        let device = try await service.device("alice", "phone", birth: nil)
        for (word, cause) in [
            ("online", nil), ("offline", "logout"), ("online", nil), ("lost", "lost"),
            ("away", nil), ("invisible", "logout"),
        ] {
            try await device.state(word)
            let status = try await monitor.status(of: "alice")
            #expect(status["online"]?.bool == (cause == nil))
            #expect(status["cause"]?.string == cause)
        }
    }
}
