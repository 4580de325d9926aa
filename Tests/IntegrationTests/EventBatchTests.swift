import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// Long enough for what is done within an interval to be done on a busy machine.
@Suite(
    "Batches of events",
    .service(
        ["event_interval": "3s", "max_message": "1024", "event_qos": "0", "event_expiry": "7"],
        users: ["ada", "ben", "cleo", "dora", "eli", "fay", "gus", "hal", "ida", "jon"]
    )
)
struct EventBatchTests {
    @Test("The first change is told at once, what follows is collected, of each user the newest")
    func batches() async throws {
        let service = try Service.current
        let watcher = try await service.client("ada", "watch")
        try await service.subscribe(watcher, to: "ben", "cleo")
        let (ben, cleo) = (
            try await service.client("ben", "phone"), try await service.client("cleo", "phone")
        )
        let statuses = try await service.monitor("presence/status/+")
        let began = ContinuousClock.now
        try await ben.state("one")
        let first = try await watcher.expect("presence/event/ada")
        let told = ContinuousClock.now
        #expect(told - began < .seconds(2))
        #expect(try first.json.array?.map { $0["status"]?.string } == ["one"])
        #expect(first.qos == 0)
        #expect((1...7).contains(first.properties.messageExpiry ?? 0))

        try await ben.state("two")
        try await cleo.state("away")
        _ = try await statuses.status(of: "cleo")
        try await ben.state("three")
        let second = try await watcher.events()
        let waited = ContinuousClock.now - told
        #expect(second.map { $0["username"]?.string } == ["cleo", "ben"])
        #expect(second.map { $0["status"]?.string } == ["away", "three"])
        #expect(waited > .seconds(2))

        // A watcher who has had no event within an interval gets the next one at once.
        try await Task.sleep(for: .seconds(3.1))
        let again = ContinuousClock.now
        try await ben.state("four")
        #expect(try await watcher.events().map { $0["status"]?.string } == ["four"])
        #expect(ContinuousClock.now - again < .seconds(2))
    }

    @Test("A batch that is longer than a message may be is split")
    func split() async throws {
        let service = try Service.current
        let watcher = try await service.client("dora", "watch")
        let users = ["eli", "fay", "gus"]
        let clients = try await users.asyncMap { try await service.client($0, "split") }
        try await service.subscribe(watcher, to: "dora", "eli", "fay", "gus")
        // This one is told at once, and opens the interval.
        try await watcher.state("opener")
        _ = try await watcher.expect("presence/event/dora")
        let text = String(repeating: "x", count: 400)
        for (index, client) in clients.enumerated() {
            let payload = "{\"description\":\"\(index)\(text)\"}"
            _ = try await service.request(client, "publish", payload)
        }
        var told: [JSONValue] = []
        var messages = 0
        while Set(told.compactMap { $0["username"]?.string }).count < 3 {
            let message = try await watcher.expect("presence/event/dora")
            #expect(message.payload.count <= 1_024)
            told += try message.json.array ?? []
            messages += 1
        }
        #expect(messages >= 2)
        #expect(told.allSatisfy { $0["description"]?.string?.hasSuffix(text) ?? false })
    }

    @Test("What was being collected is not told after an unsubscribe")
    func unsubscribedBetween() async throws {
        let service = try Service.current
        let watcher = try await service.client("hal", "watch")
        let device = try await service.client("ida", "phone")
        try await service.subscribe(watcher, to: "ida", "jon")
        // What another user does opens the interval.
        let other = try await service.device("jon", "phone")
        _ = try await watcher.expect("presence/event/hal") { $0.text.contains("jon") }
        try await device.state("secret")
        try await service.status(of: "ida") { $0["devices"]?["phone"] != nil }
        _ = try await service.request(watcher, "unsubscribe", #"{"usernames":["ida"]}"#)
        try await other.state("closer")
        let batch = try await watcher.expect("presence/event/hal") { $0.text.contains("closer") }
        #expect(!batch.text.contains("secret"))
        #expect(!watcher.takeMessages().contains { $0.text.contains("secret") })
    }
}
