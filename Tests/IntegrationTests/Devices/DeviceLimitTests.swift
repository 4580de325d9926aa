import BrokerFixture
import Mosquitto
import Presence
import Testing

private let longestUser = String(repeating: "u", count: 128)

@Suite(
    "The limits on devices",
    .service(
        ["max_devices": "2"],
        users: ["many", "hidden", "$eve", longestUser, longestUser + "x"]
    )
)
struct DeviceLimitTests {
    @Test("One device too many is refused and its topic is cleared; one that is offline counts not")
    func tooMany() async throws {
        let service = try Service.current
        let first = try await service.device("many", "one")
        let second = try await service.device("many", "two")
        try await service.status(of: "many") { $0["devices"]?.object?.count == 2 }
        let monitor = try await service.monitor("presence/status/+", "presence/device/many/three")
        let third = try await service.device("many", "three")
        let answer = try await third.expect("presence/response/many/three").json
        #expect(answer.errorCode == "too_many_devices")
        #expect(answer["operation"]?.string == "device")
        try await monitor.clear(of: "presence/device/many/three")

        // Of those that are online each may say something else, and an invisible one more is fine.
        try await first.state("away")
        _ = try await monitor.status(of: "many") { $0["devices"]?["one"]?.string == "away" }
        try await third.state("invisible")
        try await second.state("offline")
        let status = try await monitor.status(of: "many") { $0["devices"]?.object?.count == 1 }
        #expect(try status["devices"] == .text(#"{"one":"away"}"#))
        try await third.state("dnd")
        let replaced = try await monitor.status(of: "many") { $0["devices"]?["three"] != nil }
        #expect(try replaced["devices"] == .text(#"{"one":"away","three":"dnd"}"#))
    }

    @Test("Of the devices that are offline as many are remembered as may be online")
    func tooManyOffline() async throws {
        let service = try Service.current
        let monitor = try await service.monitor(
            "presence/status/hidden",
            "presence/device/hidden/+"
        )
        for name in ["c", "a", "b"] {
            let device = try await service.device("hidden", name)
            _ = try await monitor.status(of: "hidden") { $0["online"]?.bool == true }
            try await device.state("offline")
            _ = try await monitor.status(of: "hidden") { $0["online"]?.bool == false }
        }
        // The one that went first is forgotten, whatever its name; no other topic is cleared.
        try await monitor.clear(of: "presence/device/hidden/c")
        try await service.settle()
        let left = try await service.monitor("presence/device/hidden/+")
        let names = try await left.expect(2).map(\.topic).sorted()
        #expect(names == ["presence/device/hidden/a", "presence/device/hidden/b"])
        #expect(!monitor.takeMessages().contains { $0.payload.isEmpty })
    }

    @Test("The longest names are fine")
    func longestNames() async throws {
        let service = try Service.current
        let name = String(repeating: "d", count: 62) + "\u{E9}"
        let device = try await service.device(longestUser, name)
        let status = try await service.status(of: longestUser)
        #expect(status["username"]?.string == longestUser)
        #expect(status["devices"]?[name]?.string == "online")
        withExtendedLifetime(device) {}
    }

    @Test("What is retained under a bad name is cleared, unanswered, and nobody is online by it")
    func badNames() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/status/+", "presence/device/#")
        let long = String(repeating: "x", count: 65)
        let pairs = [
            ("alice", long), ("alice", "$x"), ("alice", ""), ("$eve", "phone"),
            (longestUser + "x", "phone"),
        ]
        // The plugin gives a login that is no name of a user no rights, so that nothing gets there.
        for (user, device) in pairs where !Service.usesPlugin || Name(user: user) != nil {
            let client = try await TestClient.connect(
                to: service.broker,
                username: user,
                password: user
            )
            try await client.subscribe("presence/response/\(user)/#")
            let topic = "presence/device/\(user)/\(device)"
            try await client.publish(topic, "online", retain: true)
            _ = try await monitor.expect(topic) { $0.text == "online" }
            try await monitor.clear(of: topic)
            #expect(client.takeMessages().isEmpty)
        }
        try await service.settle(monitor)
        let statuses = monitor.takeMessages().filter { $0.topic.hasPrefix("presence/status/") }
        #expect(
            !statuses.contains {
                $0.topic.contains("$") || $0.topic.utf8.count > "presence/status/".utf8.count + 128
            }
        )
        #expect(!statuses.contains { $0.topic == "presence/status/alice" })
    }
}

@Suite(
    "What is forgotten",
    .service(["device_forget_after": "1s", "forget_after": "6s"])
)
struct ForgettingTests {
    @Test("A device that stays offline is forgotten, later its user's status")
    func forgotten() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/status/alice", "presence/device/alice/+")
        let watcher = try await service.client("bob", "watch")
        try await service.subscribe(watcher, to: "alice")
        let device = try await service.device("alice", "phone")
        _ = try await monitor.status(of: "alice")
        try await device.state("offline")
        let status = try await monitor.status(of: "alice")
        try await monitor.clear(of: "presence/device/alice/phone")
        #expect(try await service.get("alice", by: watcher) == status)
        try await monitor.clear(of: "presence/status/alice")
        #expect(try await service.get("alice", by: watcher)["seq"]?.integer == 0)
        // Forgetting is no event.
        let events = try await service.messages(of: watcher)
            .filter { $0.topic == "presence/event/bob" }
            .flatMap { try $0.json.array ?? [] }
        #expect(events.map { $0["online"]?.bool } == [true, false])
    }

    @Test("Nobody is forgotten while online, but a description alone is")
    func description() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/status/+")
        let online = try await service.device("carol", "phone")
        let silent = try await service.client("bob", "phone")
        let answer = try await service.request(silent, "publish", #"{"description":"at sea"}"#)
        #expect(answer["result"]?["description"]?.string == "at sea")
        try await monitor.clear(of: "presence/status/bob")
        #expect(try await service.get("bob", by: silent)["description"]?.string == "")
        #expect(try await service.get("carol", by: silent)["online"]?.bool == true)
        withExtendedLifetime(online) {}
    }
}

@Suite("The rate of statements", .service(["device_rate": "2", "device_burst": "3"]))
struct DeviceRateTests {
    @Test("Past it the newest statement of each device is kept and takes effect later")
    func newestIsKept() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/status/alice")
        let phone = try await service.device("alice", "phone", birth: nil)
        let web = try await service.device("alice", "web", birth: nil)
        let begun = ContinuousClock.now
        for number in 1...10 {
            try await phone.state("phone-\(number)")
            try await web.state("web-\(number)")
        }
        var statuses: [JSONValue] = []
        while statuses.last?["devices"] != (try .text(#"{"phone":"phone-10","web":"web-10"}"#)) {
            statuses.append(try await monitor.status(of: "alice"))
        }
        // 20 statements are at most 3 at once, 2 a second, and the last two.
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        #expect(Double(statuses.count) <= 6 + 2 * seconds)
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        withExtendedLifetime(bob) {}
    }
}
