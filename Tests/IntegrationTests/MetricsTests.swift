import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("The metrics of the bridge")
struct MetricsTests {
    static let names: Set<String> = [
        "users/online", "users/known", "devices/online", "subscriptions", "requests", "errors",
        "events", "updates", "requests/refused", "statuses", "statuses/shortened", "audit/mended",
        "store/rows", "broker/drops",
        "memory/resident", "uptime", "started", "latency/event/median", "latency/event/p99",
        "latency/turn/median", "latency/turn/p99", "latency/commit/median", "latency/commit/p99",
    ]

    private let prefix = "presence/bridge/presence-bridge/metrics/"

    @Test("All of them are retained whole numbers, and there are no others", .service())
    func names() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("\(prefix)#")
        let found = try await monitor.expect(Self.names.count, on: "\(prefix)#")
        #expect(Set(found.map { String($0.topic.dropFirst(prefix.count)) }) == Self.names)
        for message in found {
            #expect(message.retain)
            #expect(try #require(Int64(message.text), "\(message.text)") >= 0)
        }
        // Whatever else there is comes in a round, which ends with the uptime; the first that is seen
        // may have begun before.
        let isUptime: @Sendable (Message) -> Bool = { $0.topic.hasSuffix("/uptime") }
        _ = try await monitor.expect(where: isUptime)
        _ = monitor.takeMessages()
        _ = try await monitor.expect(where: isUptime)
        let next = Set(monitor.takeMessages().map { String($0.topic.dropFirst(prefix.count)) })
        #expect(next.isSubset(of: Self.names))
        #expect(next.isSuperset(of: Self.names.subtracting(["uptime", "started"])))
    }

    @Test("They count what happens", .service())
    func counts() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob", "carol")
        let phone = try await service.device("bob", "phone")
        let tablet = try await service.device("bob", "tablet", birth: "away")
        let gone = try await service.device("carol", "phone")
        _ = try await alice.events(upTo: "carol", word: "online")
        try await gone.state("offline")
        try await service.status(of: "carol", is: "offline")
        #expect(try await service.request(alice, "nothing").errorCode == "unknown_operation")

        try await expect("users/online") { $0 == 1 }
        try await expect("users/known") { $0 == 2 }
        try await expect("devices/online") { $0 == 2 }
        try await expect("subscriptions") { $0 == 2 }
        try await expect("requests") { $0 == 2 }
        try await expect("errors") { $0 == 1 }
        try await expect("events") { $0 >= 2 }
        try await expect("updates") { $0 >= 3 }
        try await expect("statuses") { $0 >= 3 }
        try await expect("audit/mended") { $0 == 0 }
        // Two users with a status and a watcher, three devices, two subscriptions.
        try await expect("store/rows") { $0 == 8 }
        try await expect("memory/resident") { $0 > 1 << 20 }
        try await expect("uptime") { $0 >= 1 }
        // Something was told in an interval, and a turn took some time.
        try await expect("latency/turn/median") { $0 > 0 && $0 < 10_000_000 }
        try await phone.state("away")
        try await expect("latency/event/p99") { $0 > 0 && $0 < 10_000_000 }
        keep(phone, tablet, gone)
    }

    private func expect(_ name: String, _ matches: @escaping @Sendable (Int64) -> Bool) async throws
    {
        let monitor = try await Service.current.monitor(prefix + name)
        _ = try await monitor.expect { Int64($0.text).map(matches) ?? false }
    }
}
