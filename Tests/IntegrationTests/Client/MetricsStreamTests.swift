import BrokerFixture
import PresenceClient
import Testing

@Suite("The bridge's numbers in Swift", .service())
struct MetricsStreamTests {
    @Test(
        "They come in whole rounds, also after a restart of the bridge, until the client is closed"
    )
    func rounds() async throws {
        let service = try Service.current
        let client = try await service.presence("monitor") { $0.announces = false }
        let rounds = await client.metrics()
        let first = try await limited("a round") {
            for await round in rounds { return round }
            throw FixtureError("the stream ended")
        }
        #expect(first.bridge.text == Service.bridgeID)
        #expect(MetricsTests.names.subtracting(["started"]).isSubset(of: first.values.keys))
        let phone = try await service.device("bob", "phone")
        let later = try await limited("a round with bob") {
            for await round in rounds where round["users/online"] == 1 { return round }
            throw FixtureError("the stream ended")
        }
        #expect(later.rate(of: "requests", since: first) ?? -1 >= 0)
        #expect(first.rate(of: "requests", since: later) == nil)
        try await service.killBridge()
        try await service.startBridge()
        _ = try await limited("a round of the new bridge") {
            for await round in rounds where round["started"] != later["started"] {
                return
            }
            throw FixtureError("the stream ended")
        }
        await client.close()
        try await limited("the end") { for await _ in rounds {} }
        for await _ in await client.metrics() { Issue.record("a closed client tells something") }
        keep(phone)
    }

    @Test("Nothing comes to a user who may not read them, and the rest goes on")
    func rights() async throws {
        let service = try Service.current
        let client = try await service.presence("alice") { $0.announces = false }
        let rounds = await client.metrics()
        let reading = Task { for await _ in rounds { Issue.record("a number came") } }
        let monitor = try await service.presence("monitor") { $0.announces = false }
        let others = await monitor.metrics()
        try await limited("two rounds") {
            var count = 0
            for await _ in others {
                count += 1
                if count == 2 { return }
            }
        }
        #expect(try await client.status(of: "nobody").seq == 0)
        await client.close()
        await reading.value
        await monitor.close()
    }
}
