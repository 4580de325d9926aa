import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite(
    "Events",
    .service(
        ["allow_subscribe_all": "allseer,allonly", "max_subscriptions": "2"],
        users: [
            "allseer", "allonly", "self", "old", "evict", "brief", "quiet", "form", "classic",
            "star", "fan", "lone", "many", "back", "row",
        ]
    )
)
struct EventTests {
    @Test("An event is the status as it is retained, with QoS 1, an expiry, and not retained")
    func form() async throws {
        let service = try Service.current
        let watcher = try await service.client("form", "phone")
        try await service.subscribe(watcher, to: "star")
        let monitor = try await service.monitor("presence/status/star")
        let device = try await service.device("star", "phone", birth: "away")
        let event = try await watcher.expect("presence/event/form")
        let retained = try await monitor.expect()
        #expect(event.text == "[\(retained.text)]")
        #expect(event.qos == 1)
        #expect(!event.retain)
        let expiry = try #require(event.properties.messageExpiry)
        #expect((50...60).contains(expiry))
        withExtendedLifetime(device) {}
    }

    @Test("A watcher by MQTT 3.1.1 is told the same")
    func classic() async throws {
        let service = try Service.current
        let watcher = try await service.client("classic", "phone", version: .v311)
        try await service.subscribe(watcher, to: "fan")
        let device = try await service.device("fan", "phone", version: .v311)
        let status = try await service.status(of: "fan", is: "online")
        #expect(try await watcher.events() == [status])
        await device.dropConnection()
        #expect(try await watcher.events().map { $0["cause"]?.string } == ["lost"])
    }

    @Test("Of a user the events come in the order of seq, the last one being what is retained")
    func order() async throws {
        let service = try Service.current
        let watcher = try await service.client("alice", "order")
        try await service.subscribe(watcher, to: "lone")
        let device = try await service.device("lone", "phone", birth: nil)
        var seen: [JSONValue] = []
        for number in 1...20 { try await device.state("word-\(number)") }
        while seen.last?["status"]?.string != "word-20" {
            let events = try await watcher.events()
            // Of each user only the newest status.
            #expect(events.count == 1)
            seen += events
        }
        let numbers = seen.compactMap { $0["seq"]?.integer }
        #expect(numbers.count == seen.count)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        #expect(try await service.status(of: "lone", is: "word-20") == seen.last)
    }

    @Test("Of one change first the event goes out, then the status, then the answer")
    func sequence() async throws {
        let service = try Service.current
        let client = try await service.client("row", "phone")
        try await service.subscribe(client, to: "row")
        try await client.subscribe("presence/status/row")
        _ = try await service.request(client, "publish", #"{"description":"one"}"#)
        let topics = ["presence/event/row", "presence/status/row"]
        // The answer has been awaited: what was to come before it is here.
        #expect(client.takeMessages().map(\.topic) == topics)
    }

    @Test("A user may subscribe to itself")
    func selfSubscription() async throws {
        let service = try Service.current
        let device = try await service.client("self", "phone")
        try await service.subscribe(device, to: "self")
        try await device.state("away")
        let events = try await device.events()
        #expect(events.map { $0["username"]?.string } == ["self"])
        #expect(events.map { $0["status"]?.string } == ["away"])
    }

    @Test("A subscription that has run out is told, and nothing of the user after it")
    func expired() async throws {
        let service = try Service.current
        let watcher = try await service.client("old", "phone")
        _ = try await service.request(watcher, "subscribe", #"{"usernames":["bob"],"expiry":1}"#)
        let ended = try await watcher.expect("presence/event/old")
        #expect(ended.text == #"[{"username":"bob","subscription":"expired"}]"#)
        let left = try await service.request(watcher, "subscriptions")
        #expect(left["result"]?["total"]?.integer == 0)
        let device = try await service.device("bob", "expired", birth: "unseen")
        try await service.status(of: "bob") { $0["devices"]?["expired"] != nil }
        try await service.settle()
        let events = try await service.messages(of: watcher)
        #expect(!events.contains { $0.topic == "presence/event/old" })
        withExtendedLifetime(device) {}
    }

    @Test("A subscription in whose place a longer one came is told")
    func evicted() async throws {
        let service = try Service.current
        let watcher = try await service.client("evict", "phone")
        for (user, expiry) in [("nobody-1", 100), ("nobody-2", 200)] {
            let payload = "{\"usernames\":[\"\(user)\"],\"expiry\":\(expiry)}"
            _ = try await service.request(watcher, "subscribe", payload)
        }
        let answer = try await service.request(
            watcher,
            "subscribe",
            #"{"usernames":["nobody-3"],"expiry":150}"#
        )
        #expect(answer["result"]?["evicted"]?.strings == ["nobody-1"])
        let event = try await watcher.expect("presence/event/evict")
        #expect(event.text == #"[{"username":"nobody-1","subscription":"evicted"}]"#)
    }

    @Test("No event of a user follows the answer to an unsubscribe")
    func unsubscribed() async throws {
        let service = try Service.current
        let watcher = try await service.client("quiet", "phone")
        let device = try await service.device("many", "phone", birth: nil)
        for round in 1...5 {
            try await service.subscribe(watcher, to: "many")
            // The first is told at once, the second would be with the next batch.
            try await device.state("one-\(round)")
            try await device.state("two-\(round)")
            try await service.status(of: "many", is: "two-\(round)")
            let answer = try await service.request(
                watcher,
                "unsubscribe",
                #"{"usernames":["many"]}"#
            )
            #expect(answer["result"]?["unsubscribed"]?.strings == ["many"])
            _ = watcher.takeMessages()
            try await device.state("three-\(round)")
            try await service.status(of: "many", is: "three-\(round)")
        }
        try await service.settle()
        let events = try await service.messages(of: watcher)
        #expect(!events.contains { $0.topic == "presence/event/quiet" })
    }

    @Test("Who is subscribed to everyone and to a user by name is told once")
    func everyone() async throws {
        let service = try Service.current
        let watcher = try await service.client("allseer", "phone")
        let answer = try await service.request(watcher, "subscribe", #"{"all":true}"#)
        #expect(answer["result"]?["all"]?["expires"]?.integer != nil)
        try await service.subscribe(watcher, to: "back")
        let device = try await service.device("back", "phone", birth: nil)
        for word in ["one", "two", "three"] {
            try await device.state(word)
            var events: [JSONValue] = []
            while !events.contains(where: { $0["status"]?.string == word }) {
                events += try await watcher.events()
            }
            #expect(events.count { $0["username"]?.string == "back" } == 1)
        }
        // The subscription to everyone holds when the one by name is gone.
        _ = try await service.request(watcher, "unsubscribe", #"{"usernames":["back"]}"#)
        try await device.state("four")
        _ = try await watcher.expect("presence/event/allseer") { $0.text.contains("four") }
    }

    @Test("The end of a subscription to everyone is told")
    func everyoneExpired() async throws {
        let service = try Service.current
        let watcher = try await service.client("allonly", "phone")
        _ = try await service.request(watcher, "subscribe", #"{"all":true,"expiry":1}"#)
        var told: [JSONValue] = []
        while told.last?["subscription"] == nil { told += try await watcher.events() }
        #expect(try told.last == .text(#"{"all":true,"subscription":"expired"}"#))
        try await service.settle()
        let events = try await service.messages(of: watcher)
        #expect(!events.contains { $0.topic == "presence/event/allonly" })
    }

    @Test("An invisible device and a device that states nothing receive events")
    func receivers() async throws {
        let service = try Service.current
        let silent = try await service.client("brief", "silent")
        let hidden = try await service.device("brief", "hidden", birth: "invisible")
        try await service.subscribe(hidden, to: "carol")
        let device = try await service.device("carol", "events")
        #expect(try await silent.events() == hidden.events())
        withExtendedLifetime(device) {}
    }
}
