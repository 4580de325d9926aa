import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("An invisible device", .service(users: ["ghost", "spy", "fading", "both", "late"]))
struct InvisibleTests {
    @Test("Who only ever was invisible was never seen")
    func neverSeen() async throws {
        let service = try Service.current
        let watcher = try await service.client("spy", "phone")
        try await service.subscribe(watcher, to: "ghost")
        let monitor = try await service.monitor("presence/status/+")
        let device = try await service.device("ghost", "phone", birth: "invisible")
        try await device.state(#"{"status":"invisible","ttl":600}"#)
        try await service.settle(monitor)
        let unseen = try await service.get("ghost", by: watcher)
        #expect(
            try unseen
                == .text(
                    #"{"username":"ghost","online":false,"status":"offline","description":"","#
                        + #""devices":{},"cause":null,"since":null,"updated":null,"seq":0}"#
                )
        )
        let online = try await service.request(watcher, "online", #"{"pageSize":500}"#)
        #expect(online["result"]?["usernames"]?.strings?.contains("ghost") == false)
        await device.dropConnection()
        try await service.settle(monitor)
        #expect(try await service.get("ghost", by: watcher) == unseen)
        #expect(try monitor.takeStatuses(of: "ghost").isEmpty)
        let events = try await service.messages(of: watcher)
        #expect(!events.contains { $0.topic == "presence/event/spy" })
    }

    @Test("Going invisible is a logout to everyone, and what the device does then is unseen")
    func goingInvisible() async throws {
        let service = try Service.current
        let watcher = try await service.client("alice", "watch")
        try await service.subscribe(watcher, to: "fading")
        let monitor = try await service.monitor("presence/status/+")
        let device = try await service.device("fading", "phone")
        #expect(try await watcher.events().map { $0["status"]?.string } == ["online"])
        _ = try await monitor.status(of: "fading")
        try await device.state("invisible")
        let status = try await monitor.status(of: "fading")
        #expect(status["status"]?.string == "offline")
        #expect(status["cause"]?.string == "logout")
        #expect(try await watcher.events() == [status])

        // Its own user is told no more than the others, but still receives events.
        #expect(try await service.get("fading", by: device) == status)
        try await service.subscribe(device, to: "carol")
        let other = try await service.device("carol", "phone")
        #expect(try await device.events().map { $0["username"]?.string } == ["carol"])
        withExtendedLifetime(other) {}

        try await device.state("offline")
        try await device.state("invisible")
        await device.dropConnection()
        try await service.settle(monitor)
        #expect(try monitor.takeStatuses(of: "fading").isEmpty)
        #expect(try await service.get("fading", by: watcher) == status)
        let events = try await service.messages(of: watcher)
        #expect(!events.contains { $0.topic == "presence/event/alice" })
    }

    @Test("Its broken ttl is noted on its topic, and nobody is told")
    func ttl() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/status/+", "presence/device/late/+")
        let birth = #"{"status":"invisible","ttl":5}"#
        let device = try await service.device("late", "phone", birth: birth)
        let topic = "presence/device/late/phone"
        #expect(try await monitor.expect(topic).text == birth)
        let verdict = #"{"status":"lost","cause":"ttl","by":"presence-bridge"}"#
        #expect(try await monitor.expect(topic).text == verdict)
        try await service.settle(monitor)
        #expect(try monitor.takeStatuses(of: "late").isEmpty)
        #expect(try await service.get("late", by: device)["seq"]?.integer == 0)
    }

    @Test("Beside a visible device it is not mentioned")
    func besideVisible() async throws {
        let service = try Service.current
        let hidden = try await service.device("both", "hidden", birth: "invisible")
        let visible = try await service.device("both", "visible", birth: "away")
        let status = try await service.status(of: "both")
        #expect(try status["devices"] == .text(#"{"visible":"away"}"#))
        let monitor = try await service.monitor("presence/status/+")
        #expect(try await monitor.status(of: "both") == status)
        try await hidden.state("dnd")
        let shown = try await monitor.status(of: "both")
        #expect(try shown["devices"] == .text(#"{"hidden":"dnd","visible":"away"}"#))
        #expect(shown["status"]?.string == "dnd")
        try await hidden.state("invisible")
        #expect(try await monitor.status(of: "both")["status"]?.string == "away")
        withExtendedLifetime(visible) {}
    }
}
